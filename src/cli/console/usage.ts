/** Help texts of the client (spec/conserver.md 5.2: own words, every letter and word named). */

export function usage(program: string): string {
  return `usage: ${program} [options] [-aAfFsS] [-e esc] console
       ${program} [options] [-iIuwWx] [console]
       ${program} [options] [-hPqQrRV] [-b text] [-B text] [-d who] [-t who text] [-z command] [-Z command]

       options: [-7DEknUv] [-c file] [-C file] [-l user] [-M host] [-p port] [--strict-exit]
       who:     [user][@console]
`;
}

export function help(program: string): string {
  return `${usage(program)}
       7       clear the eighth bit of what comes and goes
       a, A    join to write if nobody else does (A: show the last lines first)
       b, B    say a text to everybody on all servers (B: on this server)
       c FILE  certificate and key of this client, PEM
       C FILE  read FILE in place of ~/.consolerc
       d       throw [user][@console] out
       D       say on stderr what is sent and received
       e ESC   escape characters, such as ^Ec
       E       no encryption
       f, F    join and take the right to write (F: show the last lines first)
       h       this text
       i, I    all that is known of the consoles, for programs (I: of this server)
       k       give up if the console is not up
       l USER  log in as USER
       M HOST  server to ask first
       n       leave the site-wide configuration out
       p PORT  port of the servers
       P       process numbers of the servers
       q, Q    end the servers (Q: this server)
       r, R    versions of the servers (R: of this server)
       s, S    join to watch (S: show the last lines first)
       t       say a text to [user][@console]
       u       state and writer of each console
       U       go on without encryption where a server has none
       v       say more
       V       version and defaults of this program
       w, W    who is on which console (W: of this server)
       x       where the lines go
       z, Z    send a command to the servers (Z: to this server); -z help lists them
       --strict-exit  true exit codes: 1 when a server refused, 69 when one could not be reached
`;
}

export function zapHelp(): string {
  return `
       bringup, SIGUSR1   open again every console that is down
       help               this list
       pid                process numbers of the servers
       quit, SIGTERM      end the server
       reconfig, SIGHUP   read the configuration again, then as reopen
       reopen, SIGUSR2    open all log files again, then as bringup
       version            versions of the servers
`;
}
