set -eu
keyed() {
  awk -v key="$1" '{ print key, $0 }'
}
read -r boot </proc/sys/kernel/random/boot_id
read -r line </proc/1/stat
set -- ${line##*) }
echo "boot $boot/${20}"
printf 'system %s\n' "$(systemctl is-system-running 2>/dev/null || :)"
for asked in /run/reboot-required /var/run/reboot-required; do
  if [ -e "$asked" ]; then
    echo "reboot-asked $asked"
    sort -u "$asked.pkgs" 2>/dev/null | head -n 40 | keyed reboot-for
    break
  fi
done
uname -r 2>/dev/null | keyed kernel
for image in /boot/vmlinuz-*; do
  if [ -e "$image" ]; then printf '%s\n' "${image#*/vmlinuz-}" | keyed kernel-installed; fi
done
echo end
