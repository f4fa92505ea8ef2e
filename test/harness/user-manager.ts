import type { World } from './systemd.ts';

/**
 * A user of a world with a user manager and the units in it, and one console `mine`; runs commands (shell) as that
 * user.
 */
export async function userManager(
  world: World,
  user: string,
  holdfast: string,
): Promise<(script: string) => Promise<string>> {
  const asUser = (script: string) =>
    world.sh(`runuser -l ${user} -c 'export XDG_RUNTIME_DIR=/run/user/$(id -u); ${script}'`);
  await world.sh(`loginctl enable-linger ${user}`);
  await world.until('the manager of the user', `systemctl is-active user@$(id -u ${user})`);
  await asUser(
    `mkdir -p .config/holdfast .config/systemd/user; ${holdfast} systemd units --user --out .config/systemd/user`,
  );
  await world.sh(`printf '[console]\\nmine = { run = ["/bin/cat"] }\\n' >/home/${user}/.config/holdfast/holdfast.toml`);
  await asUser('systemctl --user daemon-reload');
  return asUser;
}
