/** Shell for a postinst: the daemon's user in the group `jitsi`, and the folders that both real packages create. */
export function daemonAccount(user: string, home: string, config: string): string {
  return `getent group jitsi >/dev/null || groupadd jitsi
getent passwd ${user} >/dev/null || useradd -r -g jitsi --shell /bin/bash -d ${home} ${user}
install -d -m 0755 ${home}
install -d -m 0750 -o ${user} -g jitsi ${config}
install -d -m 0770 -o ${user} -g jitsi /var/log/jitsi
chown -R ${user}:jitsi ${config}
`;
}

/** Options that the real packages pass to Java. The fakes read the path of their configuration file from them. */
export function javaSystemProperties(config: string, directory: string): string {
  return [
    `-Dconfig.file=${config}`,
    '-Dnet.java.sip.communicator.SC_HOME_DIR_LOCATION=/etc/jitsi',
    `-Dnet.java.sip.communicator.SC_HOME_DIR_NAME=${directory}`,
    '-Dnet.java.sip.communicator.SC_LOG_DIR_LOCATION=/var/log/jitsi',
    `-Djava.util.logging.config.file=/etc/jitsi/${directory}/logging.properties`,
  ].join(' ');
}
