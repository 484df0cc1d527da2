set -eu
mask='s#(://)[^/@[:space:]]*@#\1***@#g;s#\r$##'
keyed() {
  awk -v key="$1" '{ print key, $0 }'
}
cat /proc/sys/kernel/random/boot_id 2>/dev/null | keyed boot
sed -n 's/^PRETTY_NAME=//p' /etc/os-release 2>/dev/null | keyed os
{ dpkg --print-architecture || uname -m; } 2>/dev/null | keyed architecture
kubelet=$(command -v kubelet || :)
kubelet=$(readlink -f "${kubelet:-/nowhere}" || :)
if dpkg-query -S "$kubelet" 2>/dev/null | grep -v '^diversion by ' | grep -q ': '; then
  echo owner apt
elif rpm -qf "$kubelet" >/dev/null 2>&1; then
  echo owner rpm
fi
dpkg-query -W -f 'package ${Package} ${db:Status-Want} ${db:Status-Eflag} ${db:Status-Status} ${Version}\n' kubeadm kubelet kubectl cri-tools kubernetes-cni 2>/dev/null || :
timeout 20 kubeadm version -o short 2>/dev/null | keyed kubeadm
timeout 20 kubelet --version 2>/dev/null | keyed kubelet
if [ -n "$(ls -A /var/lib/dpkg/updates 2>/dev/null)" ]; then echo interrupted yes; fi
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
  case ${file##*/} in *[!A-Za-z0-9_.-]*) continue ;; esac
  if [ -f "$file" ]; then sed -E "$mask" "$file" | awk -v file="$file" '{ print "source", file, FNR, $0 }'; fi
done
apt-cache -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= madison kubeadm kubelet 2>/dev/null | sed 's/^/offers /'
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
manifests=/etc/kubernetes/manifests
if [ -e "$manifests/kube-apiserver.yaml" ]; then echo control-plane yes; fi
data=$(sed -n "s/^ *- [\"']\{0,1\}--data-dir=\([^\"']*\).*/\1/p" "$manifests/etcd.yaml" 2>/dev/null | head -n 1)
if [ -n "$data" ]; then
  bytes=$(du -sb "$data" 2>/dev/null | cut -f 1)
  echo "etcd ${bytes:-0}"
fi
free() {
  if blocks=$(stat -f -c '%a %S' "$2" 2>/dev/null); then
    echo "free $1 $((${blocks% *} * ${blocks#* }))"
  fi
}
free /var/lib/etcd "${data:-/var/lib/etcd}"
for path in / /var /var/cache/apt/archives /etc/kubernetes /tmp; do
  free "$path" "$path"
done
echo end
