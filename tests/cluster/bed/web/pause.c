/* The process that holds a pod's namespaces: waits, and reaps orphans.
 * `pause -v` says what it is and ends: kubeadm's upgrade health check runs a Job with just that. */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void stop(int sig) { (void)sig; _exit(0); }
static void reap(int sig) { (void)sig; while (waitpid(-1, 0, WNOHANG) > 0); }

int main(int argc, char **argv) {
    (void)argv;
    if (argc > 1) return puts("pause.c (bed)") < 0;
    signal(SIGINT, stop);
    signal(SIGTERM, stop);
    signal(SIGCHLD, reap);
    for (;;) pause();
}
