/** Help text of the server (spec/conserver.md 7.3: own words, every letter named). */
export function help(program: string): string {
  return `usage: ${program} [-7dDEFinoRSuvV] [-a type] [-b port] [-c cred] [-C config] [-L logfile] [-m max] [-M addr]
       [-O min] [-p port] [-P passwd] [-U logfile]

       7          clear the eighth bit of every console
       a TYPE     what hosts may do that no rule names: r (rejected), a (allowed), t (trusted)
       b PORT     port that the consoles are served on
       c FILE     certificate and key, PEM
       C FILE     configuration in place of /etc/conserver/conserver.cf
       d          go into the background
       D          debugging output (accepted, without effect)
       E          encryption is not required of clients
       F          do not bring consoles back by themselves
       h          this text
       i          open consoles when somebody connects
       L FILE     write the server's log there
       m MAX      consoles of one group (accepted: there is one group)
       M ADDR     address to listen on
       n          (accepted, without effect)
       o          open consoles that are down when somebody connects
       O MIN      try consoles that are down every so many minutes
       p PORT     port of the master
       P FILE     passwords in place of /etc/conserver/conserver.passwd
       R          send nobody on to other servers
       S          check the configuration and end; twice: show the consoles
       u          print what consoles say while nobody writes
       U FILE     write what all consoles say into one log
       v          say more
       V          version and defaults
       --control PATH
                  control socket for \`holdfast ps', \`why', \`attach'... [$HOLDFAST_CONTROL]
`;
}
