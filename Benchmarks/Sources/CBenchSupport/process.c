#define _GNU_SOURCE
#include "CBenchSupport.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
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

static void end_children(void) {
    for (int index = 0; index < MAXIMUM_CHILDREN; index++) {
        pid_t pid = atomic_load(&children[index]);
        if (pid > 0) kill(pid, SIGKILL);
    }
}

// Read by the signal handler as well; what was told first is removed last.
enum { MAXIMUM_PATHS = 64, MAXIMUM_PATH = 128 };
static char paths[MAXIMUM_PATHS][MAXIMUM_PATH];
static _Atomic int path_count;

void bench_remove_at_exit(const char *path) {
    int index = atomic_load(&path_count);
    if (index == MAXIMUM_PATHS || strlen(path) >= MAXIMUM_PATH) return;
    strcpy(paths[index], path);
    atomic_store(&path_count, index + 1);
}

static void tidy_up(void) {
    end_children();
    for (int index = atomic_load(&path_count) - 1; index >= 0; index--) {
        if (unlink(paths[index]) < 0) rmdir(paths[index]);
    }
}

static void interrupted(int signal_number) {
    tidy_up();
    _exit(128 + signal_number);
}

void bench_tidy_up_at_exit(void) {
    atexit(tidy_up);
    struct sigaction action = {.sa_handler = interrupted};
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

static void *drain(void *argument) {
    int output = (int)(intptr_t)argument;
    char buffer[4096];
    ssize_t count;
    do {
        count = read(output, buffer, sizeof(buffer));
    } while (count > 0 || (count < 0 && errno == EINTR));
    close(output);
    return NULL;
}

void bench_drain(int output) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, drain, (void *)(intptr_t)output) == 0) pthread_detach(thread);
}

bool bench_has_ended(pid_t pid) {
    siginfo_t information = {0};
    if (waitid(P_PID, (id_t)pid, &information, WEXITED | WNOHANG | WNOWAIT) < 0) return true;
    return information.si_pid == pid;
}

int bench_wait(pid_t pid, int milliseconds) {
    int status = 0;
    struct timespec pause = {.tv_nsec = 5000000};
    for (int waited = 0; waited < milliseconds; waited += 5) {
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

int bench_stop(pid_t pid, int milliseconds) {
    kill(pid, SIGTERM);
    return bench_wait(pid, milliseconds);
}
