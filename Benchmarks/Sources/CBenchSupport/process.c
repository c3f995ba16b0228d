#define _GNU_SOURCE
#include "CBenchSupport.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// Read by the signal handler, hence a fixed table.
enum { MAXIMUM_CHILDREN = 64 };
static _Atomic pid_t children[MAXIMUM_CHILDREN];

static void remember(pid_t pid) {
    for (int index = 0; index < MAXIMUM_CHILDREN; index++) {
        pid_t none = 0;
        if (atomic_compare_exchange_strong(&children[index], &none, pid)) return;
    }
}

static void forget(pid_t pid) {
    for (int index = 0; index < MAXIMUM_CHILDREN; index++) {
        pid_t expected = pid;
        if (atomic_compare_exchange_strong(&children[index], &expected, 0)) return;
    }
}

static void end_children(int signal_number) {
    for (int index = 0; index < MAXIMUM_CHILDREN; index++) {
        pid_t pid = atomic_load(&children[index]);
        if (pid > 0) kill(pid, SIGKILL);
    }
    _exit(128 + signal_number);
}

void bench_install_signal_handlers(void) {
    struct sigaction action = {.sa_handler = end_children};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
}

// Between fork and exec: only calls that are safe in the child of a process with threads.
static void become(
    char *const arguments[], char *const environment[], const char *directory, uint64_t processors, int output, int report) {
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (processors != 0) {
        cpu_set_t set;
        CPU_ZERO(&set);
        for (int cpu = 0; cpu < 64; cpu++) {
            if (processors >> cpu & 1) CPU_SET(cpu, &set);
        }
        sched_setaffinity(0, sizeof(set), &set);
    }
    int null = open("/dev/null", O_RDONLY);
    if (null >= 0) dup2(null, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    if (directory == NULL || chdir(directory) == 0) execvpe(arguments[0], arguments, environment);
    int error = errno;
    (void)!write(report, &error, sizeof(error));
    _exit(127);
}

int bench_spawn(
    char *const arguments[], char *const environment[], const char *directory, uint64_t processors, pid_t *pid, int *output) {
    int lines[2], report[2];
    if (pipe2(lines, O_CLOEXEC) < 0) return -errno;
    if (pipe2(report, O_CLOEXEC) < 0) {
        int error = errno;
        close(lines[0]);
        close(lines[1]);
        return -error;
    }
    pid_t child = fork();
    if (child == 0) become(arguments, environment, directory, processors, lines[1], report[1]);
    int error = child < 0 ? errno : 0;
    close(lines[1]);
    close(report[1]);
    if (child > 0) {
        remember(child);
        // Closed by a successful exec; otherwise it carries the reason.
        if (read(report[0], &error, sizeof(error)) == (ssize_t)sizeof(error)) {
            waitpid(child, NULL, 0);
            forget(child);
        } else {
            error = 0;
        }
    }
    close(report[0]);
    if (error != 0) {
        close(lines[0]);
        return -error;
    }
    *pid = child;
    *output = lines[0];
    return 0;
}

bool bench_has_ended(pid_t pid) {
    siginfo_t information = {0};
    if (waitid(P_PID, (id_t)pid, &information, WEXITED | WNOHANG | WNOWAIT) < 0) return true;
    return information.si_pid == pid;
}

int bench_stop(pid_t pid, int milliseconds) {
    int status = 0;
    kill(pid, SIGTERM);
    struct timespec pause = {.tv_nsec = 10000000};
    for (int waited = 0; waited < milliseconds; waited += 10) {
        pid_t result = waitpid(pid, &status, WNOHANG);
        if (result == pid || (result < 0 && errno == ECHILD)) {
            forget(pid);
            return result == pid ? status : -1;
        }
        nanosleep(&pause, NULL);
    }
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    forget(pid);
    return status;
}
