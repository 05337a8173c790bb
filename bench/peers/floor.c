/* The lower bound of a fan-out: sends the same bytes to every client with one send() each, and does nothing else.
 * floor PORT EVERY_MS PAYLOAD_BYTES (126 to 65,535): accepts clients until SIGUSR1, then sends a WebSocket text frame
 * to each every so many ms. It knows no handshake and reads nothing. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static int clients[20000], count;

static void ignore(int signal) { (void)signal; }

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  int port = atoi(argv[1]), every = atoi(argv[2]), payload = atoi(argv[3]), yes = 1, client;
  char *frame = malloc(payload + 4);
  memset(frame, 'x', payload + 4);
  memcpy(frame, (char[]){(char)0x81, 126, (char)(payload >> 8), (char)payload}, 4);
  struct rlimit files = {0};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  sigaction(SIGUSR1, &(struct sigaction){.sa_handler = ignore}, NULL);
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  struct sockaddr_in address = {AF_INET, htons(port), {htonl(INADDR_LOOPBACK)}, {0}};
  if (bind(listener, (void *)&address, sizeof address) || listen(listener, 4096)) return perror("floor"), 1;
  puts("ready");
  fflush(stdout);
  /* SIGUSR1 interrupts accept. */
  while (count < 20000 && (client = accept(listener, NULL, NULL)) >= 0) {
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    clients[count++] = client;
  }
  for (;; usleep(every * 1000))
    for (int i = 0; i < count; i++) send(clients[i], frame, payload + 4, MSG_NOSIGNAL | MSG_DONTWAIT);
}
