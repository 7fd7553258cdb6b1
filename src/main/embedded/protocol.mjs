// The messages of PostgreSQL's wire protocol that the embedded PostgreSQL reads or writes itself.

const [QUERY, PARSE, BIND, EXECUTE, SYNC, TERMINATE, ERROR, PARAMETER_STATUS] = Buffer.from('QPBESXES');
const STARTUP = 0; // the first byte of its length, since it has no type

export const isStartup = (message) => message[0] === STARTUP;
export const isTerminate = (message) => message[0] === TERMINATE;

/** The SQL of a Query or a Parse message, else ''. */
export function textOf(message) {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  if (bytes[0] === QUERY) return bytes.toString('utf8', 5, bytes.length - 1);
  if (bytes[0] === PARSE) {
    const start = bytes.indexOf(0, 5) + 1; // after the statement's name
    return bytes.toString('utf8', start, bytes.indexOf(0, start));
  }
  return '';
}

/**
 * The settings that a startup message gives, by their names in lower case. Those that stand alone win over those in `options`.
 *
 * @throws an error with PostgreSQL's code, if `options` has anything but settings
 */
export function settingsOf(startup) {
  const words = Buffer.from(startup).toString('utf8', 8).split('\0');
  const given = {};
  for (let i = 0; words[i]; i += 2) given[words[i].toLowerCase()] = words[i + 1];
  const { user, database, replication, options = '', ...alone } = given;
  return { ...settingsOfOptions(options), ...alone };
}

function settingsOfOptions(options) {
  const words = (options.match(/(?:\\.|[^\s\\])+/gs) ?? []).map((word) => word.replace(/\\(.)/gs, '$1'));
  const settings = {};
  while (words.length > 0) {
    const word = words.shift();
    const setting = word === '-c' ? words.shift() : /^(?:-c|--)(.*)/s.exec(word)?.[1];
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(setting) ?? [];
    if (!name) throw Object.assign(new Error(`invalid command-line argument for server process: ${word}`), { code: '42601' });
    settings[name.replaceAll('-', '_').toLowerCase()] = value;
  }
  return settings;
}

/** The ParameterStatus messages of an answer, which tell a client of its settings. */
export function parameterStatusesOf(answer) {
  const bytes = Buffer.from(answer);
  const found = [];
  for (let start = 0, end; start < bytes.length; start = end) {
    end = start + 1 + bytes.readUInt32BE(start + 1);
    if (bytes[start] === PARAMETER_STATUS) found.push(bytes.subarray(start, end));
  }
  return Buffer.concat(found);
}

/** The message of an ErrorResponse whose severity is PANIC. */
export function panicOf(data) {
  if (data[0] !== ERROR) return undefined;
  const fields = Buffer.from(data).toString('utf8', 5).split('\0');
  return fields.includes('VPANIC') ? fields.find((field) => field.startsWith('M')).slice(1) : undefined;
}

/** The ErrorResponse that ends a connection. */
export const fatal = ({ code, message }) => typed(ERROR, text('SFATAL'), text('VFATAL'), text(`C${code}`), text(`M${message}`), text(''));

export const query = (sql) => typed(QUERY, text(sql));

export const sync = () => typed(SYNC);

/**
 * Prepares a statement under a name again.
 *
 * @param bySql whether the SQL is itself a PREPARE. It is run as one statement, so that nothing else which stood beside it is.
 */
export function prepare({ name, sql, types, bySql }) {
  if (bySql) return Buffer.concat([typed(PARSE, text(''), text(sql), Buffer.alloc(2)), typed(BIND, Buffer.alloc(8)), typed(EXECUTE, Buffer.alloc(5)), sync()]);
  const typesOf = Buffer.alloc(2 + 4 * types.length);
  typesOf.writeUInt16BE(types.length);
  types.forEach((type, i) => typesOf.writeUInt32BE(type, 2 + 4 * i));
  return Buffer.concat([typed(PARSE, text(name), text(sql), typesOf), sync()]);
}

const text = (string) => Buffer.from(`${string}\0`);

function typed(type, ...parts) {
  const message = Buffer.concat([Buffer.alloc(5), ...parts]);
  message[0] = type;
  message.writeUInt32BE(message.length - 1, 1);
  return message;
}
