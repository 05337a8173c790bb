/* The floor of a fan-out: takes connections, and every so many ms sends the same bytes to each, one send() apiece. It knows no
 * WebSocket handshake and reads nothing; what it spends is what the kernel's TCP costs.
 *
 * floor PORT EVERY_MS PAYLOAD_BYTES    begins to send at SIGUSR1, in WebSocket text frames. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { most = 20000 };
static int clients[most];
static int count = 0;
static char frame[70000];
static size_t length;

static void build(size_t payload) {
  frame[0] = (char)0x81;
  size_t header = 2;
  if (payload < 126) {
    frame[1] = (char)payload;
  } else {
    frame[1] = 126;
    frame[2] = (char)(payload >> 8);
    frame[3] = (char)(payload & 255);
    header = 4;
  }
  memset(frame + header, 'x', payload);
  length = header + payload;
}

static void tell(void) {
  for (int i = 0; i < count; i++) {
    ssize_t sent = send(clients[i], frame, length, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent == (ssize_t)length || (sent < 0 && errno == EAGAIN)) continue;
    close(clients[i]);
    clients[i--] = clients[--count];
  }
}

static void watch(int epoll, int fd) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  long every = atol(argv[2]);
  build((size_t)atol(argv[3]) > 65535 ? 65535 : (size_t)atol(argv[3]));
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);

  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1]))};
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 4096) != 0) {
    perror("floor");
    return 1;
  }
  int timer = timerfd_create(CLOCK_MONOTONIC, 0);
  sigset_t begin;
  sigemptyset(&begin);
  sigaddset(&begin, SIGUSR1);
  sigprocmask(SIG_BLOCK, &begin, NULL);
  int signals = signalfd(-1, &begin, 0);
  int epoll = epoll_create1(0);
  watch(epoll, listener);
  watch(epoll, timer);
  watch(epoll, signals);
  puts("ready");
  fflush(stdout);
  for (;;) {
    struct epoll_event events[8];
    int ready = epoll_wait(epoll, events, 8, -1);
    for (int i = 0; i < ready; i++) {
      int fd = events[i].data.fd;
      char skipped[256];
      if (fd == listener) {
        int client;
        while (count < most && (client = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
          setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
          clients[count++] = client;
        }
      } else if (read(fd, skipped, sizeof skipped) > 0) {
        if (fd == timer) tell();
        struct itimerspec pace = {.it_value = {every / 1000, every % 1000 * 1000000},
                                  .it_interval = {every / 1000, every % 1000 * 1000000}};
        if (fd == signals) timerfd_settime(timer, 0, &pace, NULL);
      }
    }
  }
}
