/**
 * An agent with a filter wheel. Try it beside a server:
 *   build/node examples/isis-agent.ts 127.0.0.1 6600
 *   ISIS_HOST=127.0.0.1 ISIS_PORT=6600 bin/isisCmd --mods1 demo.fw filter 3
 *
 * A third argument is its own port. If the server has it as `UDPPort 127.0.0.1 PORT` (`presets` in holdfast.toml), the server asks
 * for the agent when it starts; otherwise it learns about the agent with its next heartbeat.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { IsisClient } from 'holdfast/isis';

const [host = '127.0.0.1', port = '6600', ownPort = '0'] = process.argv.slice(2);
const agent = await IsisClient.open({
  id: 'DEMO.FW',
  host,
  port: Number(port),
  localPort: Number(ownPort),
  heartbeat: 10,
});
let filter = 1;

agent.handle('filter', async (command) => {
  if (command.args !== '') {
    const wanted = Number(command.args);
    if (!Number.isInteger(wanted) || wanted < 1 || wanted > 6) {
      throw new Error(`Filter is 1 to 6, not '${command.args}'`);
    }
    for (; filter !== wanted; filter += Math.sign(wanted - filter)) {
      command.status(`moving Filter=${filter}`);
      await delay(500);
    }
  }
  return [{ kind: 'value', key: 'Filter', value: filter, text: String(filter) }];
});

agent.handle('quit', (command) => {
  if (!command.override) {
    throw new Error('quit needs EXEC:');
  }
  setImmediate(() => agent.close());
  return undefined;
});

agent.on('message', (from, body) => console.log(`${from}: ${body.text}`));
agent.on('error', (error) => console.error(`the socket says: ${error.message}`));
try {
  // Any request makes the server know us.
  await agent.request(agent.serverId, 'PING');
} catch (error) {
  console.error(`the server does not answer yet: ${(error as Error).message}`);
}
console.log(`${agent.id} on port ${agent.localPort}, server ${host}:${port}`);
