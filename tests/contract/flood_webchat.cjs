// Asks @defra/flood-webchat whether its chat is available; prints the answer as JSON.
const getAvailability = require("@defra/flood-webchat");

getAvailability(JSON.parse(process.argv[2])).then(
  (answer) => console.log(JSON.stringify(answer)),
  (error) => {
    console.error(error.message, error.config?.url, error.response?.data);
    process.exitCode = 1;
  },
);
