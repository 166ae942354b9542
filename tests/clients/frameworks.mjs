// Frameworks of npm that live on Redis.
//
// usage: frameworks.mjs NAME ADDRESS idle|work
//
// ADDRESS is a port of 127.0.0.1 or the path of a unix socket.  idle: starts
// what the framework runs all the time, and ends it after IDLE_MS.  work: has it
// do something, which needs a real server, and prints what came of it.  Whatever
// goes wrong ends the program with status 1; 77: the framework is not installed.

import { once } from 'node:events';
import { setTimeout as after } from 'node:timers/promises';
import { address, load, watchdog } from './session.mjs';

const IDLE_MS = 2000;

const [name, where, what] = process.argv.slice(2);
const idle = what === 'idle';
const options = address(where);

function wrong(error) {
	console.error(error);
	process.exit(1);
}

process.on('unhandledRejection', wrong);
process.on('uncaughtException', wrong);
watchdog();

async function bullmq() {
	const { Queue, QueueEvents, Worker } = load('bullmq').library;
	const connection = { ...options, maxRetriesPerRequest: null };
	const worker = new Worker('bullmq', async (job) => job.data.n + 1,
	    { connection });
	const parts = [worker, new QueueEvents('bullmq', { connection }),
	    new Queue('bullmq', { connection })];
	parts.forEach((part) => part.on('error', wrong));
	await Promise.all(parts.map((part) => part.waitUntilReady()));
	if (idle) {
		await after(IDLE_MS);
	} else {
		const job = await parts[2].add('a', { n: 41 });
		console.log('result', await job.waitUntilFinished(parts[1]));
	}
	// A close waits for the blocking command to return.
	await worker.close(true);
	await Promise.all(parts.slice(1).map((part) => part.close()));
}

async function bull() {
	const Queue = load('bull').library;
	const q = new Queue('bull', { redis: options });
	q.on('error', wrong);
	q.process(async (job) => job.data.n + 1);
	await q.isReady();
	if (idle) {
		await after(IDLE_MS);
	} else {
		const job = await q.add({ n: 41 });
		console.log('result', await job.finished());
	}
	await q.close(true);
}

async function beeQueue() {
	const Queue = load('bee-queue').library;
	const q = new Queue('bee', { redis: options, activateDelayedJobs: true });
	q.on('error', wrong);
	await q.ready();
	q.process(async (job) => job.data.n + 1);
	if (idle) {
		await after(IDLE_MS);
	} else {
		const job = q.createJob({ n: 41 });
		const done = once(job, 'succeeded');
		await job.save();
		console.log('result', ...await done);
	}
	await q.close(1);
}

function nodeRedis() {
	const client = load('redis4').library.createClient({ socket: options });
	client.on('error', wrong);
	return client.connect();
}

// Two servers that know of each other by an adapter.
async function socketIo(make) {
	const { Server } = load('socket.io').library;
	const servers = [];
	for (const n of [1, 2]) {
		const server = new Server(0, { adapter: await make() });
		server.on('ask', (reply) => reply(`from ${n}`));
		servers.push(server);
	}
	servers[0].emit('hello', 1);
	if (idle) {
		await servers[0].fetchSockets();
		await after(IDLE_MS);
	} else {
		// They may not have heard of each other yet.
		let answers = [];
		for (; answers.length === 0; await after(20))
			answers = await servers[0].serverSideEmitWithAck('ask')
			    .catch(() => []);
		console.log('result', answers);
	}
}

async function pubSub() {
	const { createAdapter } = load('@socket.io/redis-adapter').library;
	// The other adapter's channels would be the same.
	const key = 'pubsub';
	await socketIo(async () => createAdapter(await nodeRedis(),
	    await nodeRedis(), { key }));
}

async function streams() {
	const { createAdapter } = load('@socket.io/redis-streams-adapter').library;
	await socketIo(async () => createAdapter(await nodeRedis()));
}

async function sessions() {
	const { RedisStore } = load('connect-redis').library;
	const client = await nodeRedis();
	const store = new RedisStore({ client });
	await store.set('id', { n: 1, cookie: {} });
	const session = await store.get('id');
	await store.touch('id', { n: 1, cookie: {} });
	console.log('result sessions', await store.length());
	if (!idle)
		console.log('result session', session.n);
	await store.destroy('id');
	await client.quit();
}

// The stub keeps no lock: redlock has to say so, and to stop.
async function redlock() {
	const Redlock = load('redlock').library;
	const client = new (load('ioredis5').library)(options);
	client.on('error', wrong);
	const locks = new Redlock([client], { retryCount: 3, retryDelay: 50 });
	try {
		let lock = await locks.lock('resource', 10000);
		lock = await lock.extend(10000);
		await lock.unlock();
		console.log('result locked');
	} catch (error) {
		if (!idle || error.name !== 'LockError')
			throw error;
	}
	await client.quit();
}

const frameworks = { bullmq, bull, 'bee-queue': beeQueue,
    'redis-adapter': pubSub, 'redis-streams-adapter': streams,
    'connect-redis': sessions, redlock };

await frameworks[name]();
process.exit(0);
