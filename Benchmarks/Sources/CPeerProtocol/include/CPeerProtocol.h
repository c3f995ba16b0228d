// What the bare peers say: the WebSocket upgrade, and answers to SocketCluster packets found by string search. Nothing is
// checked, no token is looked at. They show what the kernel (epoll-peer) and libuv (uv-peer) leave to a real server.
#ifndef C_PEER_PROTOCOL_H
#define C_PEER_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>

typedef struct peer {
    struct peer *next_subscriber, *previous_subscriber, *next_dirty;
    // The beginning of a frame or head whose rest has not come.
    char *in;
    size_t in_length, in_capacity;
    // Output that waits: for the end of the turn, or for the kernel.
    char *pending;
    size_t pending_length, pending_sent, pending_capacity;
    bool is_upgraded, is_plain, is_subscribed, is_dirty, wants_close;
} peer;

// Answers to what is being read; one buffer for all connections.
typedef struct peer_answers {
    char *bytes;
    size_t length, capacity;
} peer_answers;

void peer_open(peer *connection);
void peer_close(peer *connection);
// Reads what arrived. The answers of the connection itself are in the returned buffer, valid until the next call; what goes
// to others is pending at theirs, which are dirty then. NULL: close the connection.
peer_answers *peer_receive(peer *connection, char *bytes, size_t count);
// Keeps output that could not be sent yet.
void peer_keep(peer *connection, const char *bytes, size_t count);
// Counts pending output as sent, and gives its memory back when all of it is.
void peer_sent(peer *connection, size_t count);
// Takes the next connection with output for the end of the turn; NULL if there is none.
peer *peer_take_dirty(void);

// Bytes that one read can deliver.
#define PEER_BUFFER_SIZE (256 * 1024)

#endif
