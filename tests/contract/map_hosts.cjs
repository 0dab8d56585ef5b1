// Loaded before a Node program: TLS connections to the original's hosts end at the emulator's front. The
// name that the certificate must hold stays the one the program asked for.
const tls = require("node:tls");

const connect = tls.connect;
tls.connect = (options, ...rest) => {
  if (/(^|\.)nice-?incontact\.com$/.test(options.host ?? "")) {
    options = { ...options, servername: options.host, host: "127.0.0.1", port: Number(process.env.EMULATOR_TLS_PORT) };
  }
  return connect(options, ...rest);
};
