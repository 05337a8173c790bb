/*
 * The frugal end of a run of scale: bare sockets that join one topic and remember the last count they were shown.
 *
 *   load PORT TOTAL PER_PROCESS PER_SECOND HEARTBEAT_SECONDS TOPIC
 *
 * Forks TOTAL / PER_PROCESS processes, each from a local address of its own (127.1.x.1) to 127.0.0.1. Each says every second on
 * stdout: "process open joined frames bytes shown-least shown-most lost"; a ? on stdin asks for it at once. Ends with stdin.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { FIRST_PORT = 10000 };
enum { CONNECTING, ASKED, OPEN, LOST };

struct client {
  int fd;
  int state;
  int shown;     /* the last whole count of viewers, -1 before any */
  int kept;      /* bytes of a frame that is not whole */
  char *rest;
};

static char request[512], join[512], beat[128];
static int request_size, join_size, beat_size;
static long frames, bytes;
static int joined, opened, lost;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

/* A masked text frame; a mask of zeros leaves the text as it is. */
static int frame(char *to, const char *text) {
  int size = strlen(text), header = size < 126 ? 6 : 8;
  memset(to, 0, header);
  to[0] = (char)0x81;
  to[1] = (char)(0x80 | (size < 126 ? size : 126));
  if (size >= 126) to[2] = (char)(size >> 8), to[3] = (char)size;
  memcpy(to + header, text, size);
  return header + size;
}

/* The count of viewers that stands last in a frame: a state has one, a diff ends with the whole. */
static void read_frame(struct client *c, const char *text, int size) {
  static const char key[] = "\"viewers\":{\"count\":";
  const char *last = NULL;
  for (const char *at = text; (at = memmem(at, text + size - at, key, sizeof key - 1)); at++) last = at;
  frames++;
  if (!last) return;
  if (c->shown < 0) joined++;
  c->shown = atoi(last + sizeof key - 1);
}

static void drop(struct client *c) {
  close(c->fd);
  if (c->state == OPEN) opened--;
  c->state = LOST;
  lost++;
}

static void take(struct client *c, char *data, int size) {
  int at = 0;
  while (size - at >= 2) {
    int header = 2, length = data[at + 1] & 127;
    if (length == 126) {
      if (size - at < 4) break;
      header = 4;
      length = ((unsigned char)data[at + 2] << 8) | (unsigned char)data[at + 3];
    }
    if (size - at < header + length) break;
    if ((data[at] & 15) == 8) return drop(c);
    read_frame(c, data + at + header, length);
    at += header + length;
  }
  free(c->rest);
  c->rest = NULL;
  c->kept = size - at;
  if (c->kept) {
    c->rest = malloc(c->kept);
    memcpy(c->rest, data + at, c->kept);
  }
}

static void heard(struct client *c) {
  static char data[1 << 17];
  int kept = c->kept;
  if (kept) memcpy(data, c->rest, kept);
  int size = recv(c->fd, data + kept, (1 << 16), 0);
  if (size < 0 && errno == EAGAIN) return;
  if (size <= 0) return drop(c);
  bytes += size;
  size += kept;
  if (c->state == ASKED) {
    char *end = memmem(data, size, "\r\n\r\n", 4);
    if (!end) return drop(c);
    c->state = OPEN;
    opened++;
    if (send(c->fd, join, join_size, MSG_NOSIGNAL) != join_size) return drop(c);
    end += 4;
    take(c, end, size - (end - data));
  } else take(c, data, size);
}

/* A port that the kernel picks is sought among all: from the 14,000th of an address on (half of them) that takes it milliseconds. */
static void start(struct client *c, int epoll, struct sockaddr_in *from, struct sockaddr_in *to) {
  int yes = 1;
  c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  setsockopt(c->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = c};
  if (c->fd < 0 || bind(c->fd, (void *)from, sizeof *from) ||
      (connect(c->fd, (void *)to, sizeof *to) && errno != EINPROGRESS) ||
      epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event))
    drop(c);
}

static volatile sig_atomic_t asked;
static void on_ask(int signal) { asked = signal; }

static void say(int index, struct client *clients, int count) {
  int least = -1, most = -1;
  for (int i = 0; i < count; i++) {
    int shown = clients[i].shown;
    if (clients[i].state != OPEN || shown < 0) continue;
    if (least < 0 || shown < least) least = shown;
    if (shown > most) most = shown;
  }
  printf("%d %d %d %ld %ld %d %d %d\n", index, opened, joined, frames, bytes, least, most, lost);
  fflush(stdout);
}

static void run(int index, int port, int count, double rate, double heartbeat) {
  struct client *clients = calloc(count, sizeof *clients);
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(0x7f000001)};
  struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f010001 + (index << 8))};
  int epoll = epoll_create1(0), begun = 0, next_beat = 0;
  double start_at = now(), say_at = start_at + 1, beat_at = start_at;
  struct epoll_event events[256];
  for (;;) {
    double t = now();
    while (begun < count && begun < (t - start_at) * rate && begun - opened - lost < 64) {
      clients[begun].shown = -1;
      from.sin_port = htons(FIRST_PORT + begun);
      start(&clients[begun++], epoll, &from, &to);
    }
    /* Heartbeats go round, so that they are spread over the whole time. */
    for (; begun && (t - beat_at) * begun / heartbeat >= 1; beat_at += heartbeat / begun) {
      struct client *c = &clients[next_beat++ % begun];
      if (c->state == OPEN && send(c->fd, beat, beat_size, MSG_NOSIGNAL) < 0 && errno != EAGAIN) drop(c);
    }
    if (asked || t >= say_at) say(index, clients, begun), say_at = t + 1, asked = 0;
    int n = epoll_wait(epoll, events, 256, begun < count ? 2 : 50);
    for (int i = 0; i < n; i++) {
      struct client *c = events[i].data.ptr;
      if (c->state == LOST) continue;
      if (c->state == CONNECTING && (events[i].events & EPOLLOUT)) {
        struct epoll_event reading = {.events = EPOLLIN, .data.ptr = c};
        epoll_ctl(epoll, EPOLL_CTL_MOD, c->fd, &reading);
        c->state = ASKED;
        if (send(c->fd, request, request_size, MSG_NOSIGNAL) != request_size) drop(c);
      } else if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) heard(c);
    }
  }
}

int main(int argc, char **argv) {
  if (argc != 7) return fprintf(stderr, "load PORT TOTAL PER_PROCESS PER_SECOND HEARTBEAT_SECONDS TOPIC\n"), 1;
  int port = atoi(argv[1]), total = atoi(argv[2]), each = atoi(argv[3]), parts = (total + each - 1) / each;
  double rate = atof(argv[4]), heartbeat = atof(argv[5]);
  char text[400];
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  request_size = snprintf(request, sizeof request,
    "GET /socket/websocket?vsn=2.0.0 HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
  snprintf(text, sizeof text, "[\"1\",\"1\",\"%s\",\"phx_join\",{}]", argv[6]);
  join_size = frame(join, text);
  beat_size = frame(beat, "[null,\"2\",\"phoenix\",\"heartbeat\",{}]");
  signal(SIGUSR1, on_ask);
  /* A group of their own: what is sent to all of them is sent to nobody else. */
  setpgid(0, 0);
  pid_t self = getpid();
  for (int i = 0, left = total; i < parts; i++, left -= each) {
    if (fork()) continue;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != self) return 1;
    run(i, port, left < each ? left : each, rate / parts, heartbeat);
  }
  signal(SIGTERM, SIG_DFL);
  char byte;
  while (read(0, &byte, 1) > 0) if (byte == '?') kill(0, SIGUSR1);
  kill(0, SIGTERM);
  return 0;
}
