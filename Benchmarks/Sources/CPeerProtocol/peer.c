#define _GNU_SOURCE
#include "CPeerProtocol.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static peer_answers answers;
static peer *subscribers, *dirty;

// Blocks for pending output, so that a fan-out does not allocate.
enum { BLOCK_SIZE = 4096, MAXIMUM_BLOCKS = 16384 };
static char *free_blocks;
static int free_block_count;

static char *take_block(void) {
    if (free_blocks == NULL) return malloc(BLOCK_SIZE);
    char *block = free_blocks;
    memcpy(&free_blocks, block, sizeof(char *));
    free_block_count--;
    return block;
}

static void give_block(char *block) {
    if (free_block_count >= MAXIMUM_BLOCKS) {
        free(block);
        return;
    }
    memcpy(block, &free_blocks, sizeof(char *));
    free_blocks = block;
    free_block_count++;
}

static char *checked(void *memory) {
    if (memory == NULL) abort();
    return memory;
}

void peer_open(peer *connection) { memset(connection, 0, sizeof(*connection)); }

void peer_close(peer *connection) {
    if (connection->is_subscribed) {
        if (connection->previous_subscriber) connection->previous_subscriber->next_subscriber = connection->next_subscriber;
        else subscribers = connection->next_subscriber;
        if (connection->next_subscriber) connection->next_subscriber->previous_subscriber = connection->previous_subscriber;
    }
    for (peer **link = &dirty; connection->is_dirty && *link; link = &(*link)->next_dirty) {
        if (*link == connection) {
            *link = connection->next_dirty;
            break;
        }
    }
    free(connection->in);
    if (connection->pending_capacity == BLOCK_SIZE) give_block(connection->pending);
    else free(connection->pending);
}

peer *peer_take_dirty(void) {
    peer *first = dirty;
    if (first) {
        dirty = first->next_dirty;
        first->is_dirty = false;
    }
    return first;
}

void peer_keep(peer *connection, const char *bytes, size_t count) {
    size_t needed = connection->pending_length + count;
    if (connection->pending == NULL && needed <= BLOCK_SIZE) {
        connection->pending = checked(take_block());
        connection->pending_capacity = BLOCK_SIZE;
    } else if (needed > connection->pending_capacity) {
        char *larger = checked(malloc(needed * 2));
        memcpy(larger, connection->pending, connection->pending_length);
        if (connection->pending_capacity == BLOCK_SIZE) give_block(connection->pending);
        else free(connection->pending);
        connection->pending = larger;
        connection->pending_capacity = needed * 2;
    }
    memcpy(connection->pending + connection->pending_length, bytes, count);
    connection->pending_length = needed;
}

void peer_sent(peer *connection, size_t count) {
    connection->pending_sent += count;
    if (connection->pending_sent < connection->pending_length) return;
    if (connection->pending_capacity == BLOCK_SIZE) give_block(connection->pending);
    else free(connection->pending);
    connection->pending = NULL;
    connection->pending_length = connection->pending_sent = connection->pending_capacity = 0;
}

// Room for count more bytes of answers.
static char *room(size_t count) {
    if (answers.length + count > answers.capacity) {
        answers.capacity = (answers.length + count) * 2;
        answers.bytes = checked(realloc(answers.bytes, answers.capacity));
    }
    return answers.bytes + answers.length;
}

static size_t put_header(char *out, size_t length) {
    out[0] = (char)0x81;
    if (length < 126) {
        out[1] = (char)length;
        return 2;
    }
    if (length < 65536) {
        out[1] = 126;
        out[2] = (char)(length >> 8);
        out[3] = (char)length;
        return 4;
    }
    out[1] = 127;
    for (int index = 0; index < 8; index++) out[2 + index] = (char)(length >> (56 - 8 * index));
    return 10;
}

static void answer(const char *first, size_t first_length, const char *second, size_t second_length, const char *third,
                   size_t third_length, const char *last, size_t last_length) {
    size_t length = first_length + second_length + third_length + last_length;
    char *start = room(length + 10), *out = start + put_header(start, length);
    memcpy(out, first, first_length);
    memcpy(out += first_length, second, second_length);
    memcpy(out += second_length, third, third_length);
    memcpy(out += third_length, last, last_length);
    answers.length += (size_t)(out + last_length - start);
}

static void publish(const char *data, size_t length) {
    static char *frame;
    static size_t capacity;
    static const char start[] = "{\"event\":\"#publish\",\"data\":";
    size_t whole = sizeof(start) - 1 + length + 1;
    if (whole + 10 > capacity) {
        capacity = (whole + 10) * 2;
        frame = checked(realloc(frame, capacity));
    }
    size_t header = put_header(frame, whole);
    memcpy(frame + header, start, sizeof(start) - 1);
    memcpy(frame + header + sizeof(start) - 1, data, length);
    frame[header + whole - 1] = '}';
    for (peer *subscriber = subscribers; subscriber; subscriber = subscriber->next_subscriber) {
        peer_keep(subscriber, frame, header + whole);
        if (subscriber->is_dirty) continue;
        subscriber->is_dirty = true;
        subscriber->next_dirty = dirty;
        dirty = subscriber;
    }
}

static void subscribe(peer *connection) {
    if (connection->is_subscribed) return;
    connection->is_subscribed = true;
    connection->previous_subscriber = NULL;
    connection->next_subscriber = subscribers;
    if (subscribers) subscribers->previous_subscriber = connection;
    subscribers = connection;
}

static void handle(peer *connection, char *message, size_t length) {
    if (connection->is_plain) {
        answer(message, length, "", 0, "", 0, "", 0);
        return;
    }
    if (length < 12) return;
    size_t tail = length > 48 ? length - 48 : 0;
    char *end = message + length - 1;
    char *cid = memmem(message + tail, length - tail, ",\"cid\":", 7);
    char *number = cid ? cid + 7 : end;
    size_t digits = (size_t)(end - number);
    char *data = memmem(message, length < 96 ? length : 96, "\"data\":", 7);
    const char *event = message + 10;
    if (data == NULL) return;
    data += 7;
    size_t data_length = (size_t)((cid ? cid : end) - data);
    if (memcmp(event, "#handshake", 10) == 0) {
        static const char anonymous[] = ",\"data\":{\"id\":\"AAAAAAAAAAAAAAAAAAAA\",\"pingTimeout\":20000,\"isAuthenticated\":false}}";
        static const char known[] = ",\"data\":{\"id\":\"AAAAAAAAAAAAAAAAAAAA\",\"pingTimeout\":20000,\"isAuthenticated\":true}}";
        bool has_token = memmem(data, data_length, ":null", 5) == NULL;
        const char *text = has_token ? known : anonymous;
        answer("{\"rid\":", 7, number, digits, text, strlen(text), "", 0);
    } else if (memcmp(event, "#publish", 8) == 0) {
        publish(data, data_length);
        if (cid) answer("{\"rid\":", 7, number, digits, "}", 1, "", 0);
    } else if (memcmp(event, "#subscribe", 10) == 0) {
        subscribe(connection);
        answer("{\"rid\":", 7, number, digits, "}", 1, "", 0);
    } else if (cid) {
        char middle[64];
        int count = snprintf(middle, sizeof(middle), "{\"rid\":%.*s,\"data\":", digits > 24 ? 24 : (int)digits, number);
        answer(middle, (size_t)count, data, data_length, "}", 1, "", 0);
    }
}

static bool upgrade(peer *connection, char *head, size_t length) {
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    static const char name[] = "Sec-WebSocket-Key: ";
    char *key = memmem(head, length, name, sizeof(name) - 1);
    if (key == NULL) return false;
    key += sizeof(name) - 1;
    char *end = memchr(key, '\r', length - (size_t)(key - head));
    if (end == NULL || end - key > 64) return false;
    unsigned char joined[128], digest[SHA_DIGEST_LENGTH], accept[32];
    size_t key_length = (size_t)(end - key);
    memcpy(joined, key, key_length);
    memcpy(joined + key_length, guid, sizeof(guid) - 1);
    SHA1(joined, key_length + sizeof(guid) - 1, digest);
    EVP_EncodeBlock(accept, digest, sizeof(digest));
    char *out = room(256);
    int count = snprintf(out, 256, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                   "Sec-WebSocket-Accept: %s\r\n\r\n", accept);
    answers.length += (size_t)count;
    connection->is_upgraded = true;
    connection->is_plain = length > 9 && memcmp(head, "GET /echo", 9) == 0;
    return true;
}

static void unmask(char *bytes, size_t length, const char *mask) {
    uint64_t pair;
    memcpy(&pair, mask, 4);
    memcpy((char *)&pair + 4, mask, 4);
    size_t index = 0;
    for (; index + 8 <= length; index += 8) {
        uint64_t word;
        memcpy(&word, bytes + index, 8);
        word ^= pair;
        memcpy(bytes + index, &word, 8);
    }
    for (; index < length; index++) bytes[index] ^= mask[index & 3];
}

// Reads whole frames; the number of bytes read, or -1 to close.
static long frames(peer *connection, char *bytes, size_t count) {
    size_t position = 0;
    while (count - position >= 6) {
        unsigned char *frame = (unsigned char *)bytes + position;
        if (!(frame[1] & 0x80)) return -1;
        size_t length = frame[1] & 0x7F, header = 6;
        if (length == 126) {
            if (count - position < 8) break;
            length = (size_t)frame[2] << 8 | frame[3];
            header = 8;
        } else if (length == 127) {
            if (count - position < 14) break;
            length = 0;
            for (int index = 0; index < 8; index++) length = length << 8 | frame[2 + index];
            header = 14;
            if (length > 64u * 1024 * 1024) return -1;
        }
        if (count - position < header + length) break;
        char *payload = (char *)frame + header;
        unmask(payload, length, payload - 4);
        int opcode = frame[0] & 0x0F;
        if (opcode == 8) return -1;
        if (opcode < 8) handle(connection, payload, length);
        position += header + length;
    }
    return (long)position;
}

peer_answers *peer_receive(peer *connection, char *bytes, size_t count) {
    answers.length = 0;
    char *kept = NULL;
    if (connection->in_length > 0) {
        if (connection->in_length + count > connection->in_capacity) {
            connection->in_capacity = (connection->in_length + count) * 2;
            connection->in = checked(realloc(connection->in, connection->in_capacity));
        }
        memcpy(connection->in + connection->in_length, bytes, count);
        bytes = kept = connection->in;
        count += connection->in_length;
        connection->in = NULL;
        connection->in_length = 0;
    }
    size_t position = 0;
    bool goes_on = true;
    if (!connection->is_upgraded) {
        char *end = memmem(bytes, count, "\r\n\r\n", 4);
        if (end) {
            position = (size_t)(end + 4 - bytes);
            goes_on = upgrade(connection, bytes, position);
        } else {
            goes_on = count < 16384;
        }
    }
    if (goes_on && connection->is_upgraded) {
        long used = frames(connection, bytes + position, count - position);
        goes_on = used >= 0;
        if (used > 0) position += (size_t)used;
    }
    if (goes_on && position < count) {
        connection->in_length = count - position;
        connection->in_capacity = connection->in_length < 512 ? 512 : connection->in_length;
        connection->in = checked(malloc(connection->in_capacity));
        memcpy(connection->in, bytes + position, connection->in_length);
    }
    free(kept);
    return goes_on ? &answers : NULL;
}
