// The session of the clients, with ioredis.
//
// usage: ioredis.mjs ADDRESS PROTOCOL PACKAGE
//
// ADDRESS is a port of 127.0.0.1 or the path of a unix socket; PROTOCOL is 2, 3
// or - for what the library does by itself; PACKAGE is what it is installed as.
// Exit status 77: this library is not here, or cannot do that.

import { once } from 'node:events';
import { address, load, step, watchdog } from './session.mjs';

const [where, protocol, name] = process.argv.slice(2);
const { library, version } = load(name);
const options = address(where);
if (protocol !== '-') {
	if (version.startsWith('5.'))
		process.exit(77);
	options.protocol = Number(protocol);
	if (protocol === '3')
		options.replyMapping = 'resp3';
}

function connect(more) {
	const client = new library.Redis({ ...options, ...more });
	client.on('error', (error) => {
		throw error;
	});
	return client;
}

async function session(c) {
	step('echo', await c.echo('begin'));
	step('ping', await c.ping());
	step('set', await c.set('k', 'v'));
	step('get', await c.get('none'));
	step('incrby', await c.incrby('n', 2));
	step('sismember', await c.sismember('none', 'm'));
	step('mget', await c.mget('none', 'nil'));
	step('lrange', await c.lrange('none', 0, -1));
	step('hgetall', await c.hgetall('none'));
	step('config get', await c.config('GET', 'save'));
	step('smembers', await c.smembers('none'));
	step('zscore', await c.zscore('none', 'm'));
	step('zincrby', await c.zincrby('z', 1.5, 'm'));
	const keys = [];
	for await (const some of c.scanStream({ match: 'none*' }))
		keys.push(...some);
	step('scan', keys);
	step('blpop', await c.blpop('none', 0.1));
	step('info', await c.info('server'));
	step('client setname', await c.client('SETNAME', 'tester'));
	step('client getname', await c.client('GETNAME'));
	step('client id', await c.client('ID'));
	step('client info', await c.client('INFO'));
	step('auth', await c.auth('default', 'secret'));
	step('select', await c.select(3));
	step('pipeline', await c.pipeline().set('p', 'v').get('none')
	    .incrby('m', 2).exec());
	step('multi', await c.multi().set('t', 'v').get('none').hgetall('none')
	    .exec());
	step('error', await c.call('NOSUCH', 'a').catch((e) => e));
	step('echo', await c.echo('end'));
}

async function listen(c) {
	step('subscribe', await c.subscribe('ch1', 'ch2'));
	step('unsubscribe', await c.unsubscribe('ch1', 'ch2'));
	await quit(c);
}

// It is for the server to close.
async function quit(c) {
	const end = once(c, 'end');
	step('quit', await c.quit());
	await end;
}

watchdog();
const main = connect({});
await session(main);
await listen(connect({
	username: 'default', password: 'secret', db: 2,
	connectionName: 'listener',
}));
await quit(main);
