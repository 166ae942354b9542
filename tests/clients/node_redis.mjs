// The session of the clients, with node-redis.
//
// usage: node_redis.mjs ADDRESS PROTOCOL PACKAGE
//
// ADDRESS is a port of 127.0.0.1 or the path of a unix socket; PROTOCOL is 2, 3
// or - for what the library does by itself; PACKAGE is what it is installed as.
// Exit status 77: this library is not here, or cannot do that.

import { address, load, step, watchdog } from './session.mjs';

const [where, protocol, name] = process.argv.slice(2);
const { library, version } = load(name);
const options = { socket: address(where) };
if (protocol !== '-') {
	if (version.startsWith('4.'))
		process.exit(77);
	options.RESP = Number(protocol);
}

async function connect(more) {
	const client = library.createClient({ ...options, ...more });
	client.on('error', (error) => {
		throw error;
	});
	await client.connect();
	return client;
}

async function session(c) {
	step('echo', await c.echo('begin'));
	step('ping', await c.ping());
	step('set', await c.set('k', 'v'));
	step('get', await c.get('none'));
	step('incrby', await c.incrBy('n', 2));
	step('sismember', await c.sIsMember('none', 'm'));
	step('mget', await c.mGet(['none', 'nil']));
	step('lrange', await c.lRange('none', 0, -1));
	step('hgetall', await c.hGetAll('none'));
	step('config get', await c.configGet('save'));
	step('smembers', await c.sMembers('none'));
	step('zscore', await c.zScore('none', 'm'));
	step('zincrby', await c.zIncrBy('z', 1.5, 'm'));
	const keys = [];
	for await (const key of c.scanIterator({ MATCH: 'none*' }))
		keys.push(key);
	step('scan', keys.flat());
	step('blpop', await c.blPop('none', 0.1));
	step('info', await c.info('server'));
	step('client setname', await c.clientSetName('tester'));
	step('client getname', await c.clientGetName());
	step('client id', await c.clientId());
	step('client info', await c.clientInfo());
	step('auth', await c.auth({ username: 'default', password: 'secret' }));
	step('select', await c.select(3));
	step('pipeline', await Promise.all([
		c.set('p', 'v'), c.get('none'), c.incrBy('m', 2),
	]));
	step('multi', await c.multi().set('t', 'v').get('none').hGetAll('none')
	    .exec());
	step('error', await c.sendCommand(['NOSUCH', 'a']).catch((e) => e));
	step('echo', await c.echo('end'));
}

async function listen(c) {
	const message = () => {};
	step('subscribe', await c.subscribe(['ch1', 'ch2'], message));
	step('unsubscribe', await c.unsubscribe(['ch1', 'ch2'], message));
	await close(c);
}

const close = (c) => c.close ? c.close() : c.quit();

watchdog();
const main = await connect({});
await session(main);
await listen(await connect({
	username: 'default', password: 'secret', database: 2, name: 'listener',
}));
await close(main);
