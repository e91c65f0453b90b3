#!/bin/sh
#
# confs - the web servers' configuration as examples/ has it, made ready for Debian's
# conf-available: one command enables it.
#
# usage: confs.sh ROOT, in the source tree
set -eu
lighttpd=$1/etc/lighttpd/conf-available/50-tamis.conf
apache=$1/etc/apache2/conf-available/tamis.conf
mkdir -p "${lighttpd%/*}" "${apache%/*}"

{
	cat <<-'CONF'
	# tamis behind lighttpd:  lighty-enable-mod tamis && systemctl reload lighttpd
	#
	# tamis.socket listens, tamis.service answers; see /usr/share/doc/tamis/README.Debian.

	# lighttpd writes bodies over 64 kB, which are still raw, to a file there until they are
	# complete; that must be memory, not a disk.
	server.upload-dirs := ( "/dev/shm" )
	CONF
	sed -e '1,/^$/d' -e '/"bin-path"/d' -e '/"max-procs"/d' \
		-e 's|var\.tamis_socket|"/run/tamis/tamis.sock"|' examples/lighttpd/tamis.conf
} >"$lighttpd"

{
	cat <<-'CONF'
	# tamis behind Apache:  a2enconf tamis && systemctl reload apache2
	#
	# For all virtual hosts. tamis.socket listens, tamis.service answers; see
	# /usr/share/doc/tamis/README.Debian.

	CONF
	for module in proxy proxy_fcgi reqtimeout; do
		printf '<IfModule !mod_%s.c>\n' $module
		printf '\tLoadModule %s_module /usr/lib/apache2/modules/mod_%s.so\n' $module $module
		printf '</IfModule>\n'
	done
	echo
	sed '1,/^$/d' examples/apache/tamis.conf
} >"$apache"
