// What the sessions of the node clients share.

import { createRequire } from 'node:module';

// In NODE_PATH, too, where import does not look.
const require = createRequire(import.meta.url);

// What package NAME exports, and its version; says on stderr which it is.
export function load(name) {
	let about;
	try {
		about = require(`${name}/package.json`);
	} catch (error) {
		if (error.code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') {
			console.error(`${name} is not installed`);
			process.exit(77);
		}
		about = { name, version: '(its version is hidden)' };
	}
	const [need] = about.engines?.node.match(/\d+/) ?? ['0'];
	if (Number(process.versions.node.split('.')[0]) < Number(need)) {
		console.error(`${name} needs node ${need}`);
		process.exit(77);
	}
	console.error(`${about.name} ${about.version}`);
	return { library: require(name), version: about.version };
}

export function address(where) {
	return where.startsWith('/') ? { path: where } :
	    { host: '127.0.0.1', port: Number(where) };
}

// The type of a value, and of what is in it.
function shape(value) {
	if (value === null || value === undefined)
		return String(value);
	if (Array.isArray(value))
		return `[${value.map(shape).join(', ')}]`;
	if (value instanceof Error)
		return `${value.constructor.name}: ${value.message}`;
	if (value instanceof Set)
		return `set ${shape([...value])}`;
	if (value instanceof Map)
		return `map ${shape(Object.fromEntries(value))}`;
	if (typeof value === 'object')
		return `{${Object.keys(value).sort().map(
		    (k) => `${k}: ${shape(value[k])}`).join(', ')}}`;
	return typeof value;
}

export function step(name, value) {
	console.log(`${name}\t${shape(value)}`);
}

// These libraries try again for ever; a test does not.
export function watchdog() {
	setTimeout(() => {
		console.error('no end in 20 seconds');
		process.exit(1);
	}, 20000).unref();
}
