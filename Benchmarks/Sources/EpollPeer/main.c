// A bare echo server on epoll: one thread, edge-free, one read and one send for what a connection has to say in a turn.
//
// Usage: epoll-peer PORT [ADDRESS]
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "CPeerProtocol.h"

typedef struct connection {
    peer peer;
    int fd;
    bool waits_for_room;
} connection;

static int poller;
static char buffer[PEER_BUFFER_SIZE];

static void end(connection *connection) {
    peer_close(&connection->peer);
    close(connection->fd);
    free(connection);
}

static void watch_output(connection *connection, bool wanted) {
    if (connection->waits_for_room == wanted) return;
    connection->waits_for_room = wanted;
    struct epoll_event event = {.events = EPOLLIN | (wanted ? EPOLLOUT : 0), .data.ptr = connection};
    epoll_ctl(poller, EPOLL_CTL_MOD, connection->fd, &event);
}

// Sends pending output. False if the connection is gone.
static bool flush(connection *connection) {
    peer *peer = &connection->peer;
    while (peer->pending_length > 0) {
        ssize_t sent = send(connection->fd, peer->pending + peer->pending_sent, peer->pending_length - peer->pending_sent, MSG_NOSIGNAL);
        if (sent < 0) {
            if (errno != EAGAIN) return false;
            watch_output(connection, true);
            return true;
        }
        peer_sent(peer, (size_t)sent);
    }
    watch_output(connection, false);
    return true;
}

// False if the connection is gone.
static bool readable(connection *connection) {
    ssize_t count = recv(connection->fd, buffer, sizeof(buffer), 0);
    if (count <= 0) return count < 0 && errno == EAGAIN;
    peer_answers *answers = peer_receive(&connection->peer, buffer, (size_t)count);
    if (answers == NULL) return false;
    size_t sent = 0;
    if (answers->length > 0 && connection->peer.pending_length == 0) {
        ssize_t result = send(connection->fd, answers->bytes, answers->length, MSG_NOSIGNAL);
        if (result < 0 && errno != EAGAIN) return false;
        sent = result > 0 ? (size_t)result : 0;
    }
    if (sent < answers->length) {
        peer_keep(&connection->peer, answers->bytes + sent, answers->length - sent);
        return flush(connection);
    }
    return true;
}

static void acceptable(int listener) {
    for (int index = 0; index < 64; index++) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) return;
        connection *connection = malloc(sizeof(*connection));
        if (connection == NULL) abort();
        peer_open(&connection->peer);
        connection->fd = fd;
        connection->waits_for_room = false;
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
        epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
    }
}

int main(int count, char **arguments) {
    const char *host = count > 2 ? arguments[2] : "127.0.0.1";
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)(count > 1 ? atoi(arguments[1]) : 8000))};
    inet_pton(AF_INET, host, &address.sin_addr);
    signal(SIGPIPE, SIG_IGN);
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    // Accepted sockets inherit it.
    setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(listener, 4096) < 0) {
        perror("listen");
        return 1;
    }
    poller = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    printf("ready ws://%s:%d/socketcluster/\n", host, ntohs(address.sin_port));
    fflush(stdout);
    static struct epoll_event events[1024];
    for (;;) {
        int ready = epoll_wait(poller, events, 1024, -1);
        for (int index = 0; index < ready; index++) {
            connection *connection = events[index].data.ptr;
            if (connection == NULL) {
                acceptable(listener);
                continue;
            }
            bool lives = true;
            if (events[index].events & EPOLLOUT) lives = flush(connection);
            if (lives && events[index].events & ~(uint32_t)EPOLLOUT) lives = readable(connection);
            if (!lives) end(connection);
        }
        for (peer *peer = peer_take_dirty(); peer; peer = peer_take_dirty()) {
            // A connection that is gone says so by its next event.
            connection *connection = (struct connection *)peer;
            if (!connection->waits_for_room) flush(connection);
        }
    }
}
