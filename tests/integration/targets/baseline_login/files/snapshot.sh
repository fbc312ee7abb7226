#!/bin/sh
# Every file of the login policy with its sum, mode and owner. Left out: backups of the account tools, the cache of
# libraries, and what packages leave behind when they are removed.
find /etc /usr/share/pam-configs /var/lib/pam /home -xdev -type f \
  ! -name '*-' ! -name .pwd.lock ! -name ld.so.cache ! -path '/etc/security/pwquality.conf' \
  ! -path '/etc/cracklib/*' ! -path '/etc/logrotate.d/*' ! -path '/home/*/.ansible/*' \
  -exec sha256sum {} + | sort -k 2
find /home /root /etc/pam.d /etc/sudoers.d -maxdepth 2 ! -path '*/.ansible*' ! -name '.' -exec stat -c '%n %a %u:%g' {} + | sort
