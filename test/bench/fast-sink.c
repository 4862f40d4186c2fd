// A receiving SMTP server that costs so little that the sender is what is measured: one process, one epoll loop, every
// message thrown away. It speaks PIPELINING (RFC 2920), 8BITMIME and CHUNKING (RFC 3030), can hold back each reply for
// a fixed time (a far server), and writes a line `ADDRESS MILLISECONDS` for every message that was complete.
// Loopback only. Usage: fast-sink PORT DELAY_MS LOGFILE; prints "ready" when it listens; SIGTERM ends it.
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CLIENTS = 2048, LINE = 1024, ADDRESS = 330, REPLIES = 1 << 14, INPUT = 1 << 18, OUTPUT = 1 << 15 };
enum mode { COMMAND, TEXT, CHUNK };

struct client {
  int open;
  unsigned generation;      // a socket number is used again: late replies must not reach the next client
  enum mode mode;
  long chunk_left;
  int chunk_is_last;
  int end_matched;          // how many bytes of "\r\n.\r\n" the text ends with so far
  int line_length;
  char line[LINE];
  char recipient[ADDRESS];
};

struct reply {
  long due;
  int socket;
  unsigned generation;
  const char *text;         // always a constant
};

static struct client clients[MAX_CLIENTS];
static struct reply waiting[REPLIES]; // a ring: the delay is the same for all, so first in is first due
static unsigned first_waiting, after_waiting;
static long delay;
static FILE *log_file;
static char output[OUTPUT];
static int output_length;
static volatile sig_atomic_t ending;

static void end(int signal_number) { (void)signal_number; ending = 1; }

static long clock_ms(clockid_t id) {
  struct timespec now;
  clock_gettime(id, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void send_all(int socket, const char *bytes, int length) {
  // Replies are tiny: a client that lets its receive buffer fill up is broken and is dropped.
  if (write(socket, bytes, length) != length) shutdown(socket, SHUT_RDWR);
}

static void flush_output(int socket) {
  if (output_length > 0) send_all(socket, output, output_length);
  output_length = 0;
}

// Replies to what came in one read go out in one write.
static void answer(int socket, const char *text) {
  if (delay > 0) {
    if (after_waiting - first_waiting == REPLIES) { fprintf(stderr, "too many replies wait\n"); exit(1); }
    struct reply next = { clock_ms(CLOCK_MONOTONIC) + delay, socket, clients[socket].generation, text };
    waiting[after_waiting++ % REPLIES] = next;
    return;
  }
  int length = strlen(text);
  if (output_length + length > OUTPUT) flush_output(socket);
  memcpy(output + output_length, text, length);
  output_length += length;
}

static void complete(int socket) {
  fprintf(log_file, "%s %ld\n", clients[socket].recipient, clock_ms(CLOCK_REALTIME));
  clients[socket].recipient[0] = 0;
  answer(socket, "250 2.0.0 Ok\r\n");
}

static void take_recipient(struct client *client) {
  char *from = strchr(client->line, '<');
  char *to = from ? strchr(from, '>') : NULL;
  int length = to ? to - from - 1 : 0;
  if (length >= ADDRESS) length = ADDRESS - 1;
  memcpy(client->recipient, from ? from + 1 : "", length);
  client->recipient[length] = 0;
}

static int is(const struct client *client, const char *verb) { return !strncasecmp(client->line, verb, strlen(verb)); }

static void take_chunk_size(int socket) {
  struct client *client = &clients[socket];
  char *rest;
  client->chunk_left = strtol(client->line + 4, &rest, 10);
  if (client->chunk_left < 0) client->chunk_left = 0;
  client->chunk_is_last = strcasestr(rest, "LAST") != NULL;
  client->mode = CHUNK;
}

static void obey(int socket) {
  struct client *client = &clients[socket];
  if (is(client, "EHLO") || is(client, "HELO")) answer(socket, "250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 CHUNKING\r\n");
  else if (is(client, "MAIL")) answer(socket, "250 2.1.0 Ok\r\n");
  else if (is(client, "RCPT")) { take_recipient(client); answer(socket, "250 2.1.5 Ok\r\n"); }
  else if (is(client, "DATA")) { client->mode = TEXT; client->end_matched = 2; answer(socket, "354 Go on\r\n"); }
  else if (is(client, "BDAT")) take_chunk_size(socket);
  else if (is(client, "RSET")) { client->recipient[0] = 0; answer(socket, "250 2.0.0 Ok\r\n"); }
  else if (is(client, "NOOP")) answer(socket, "250 2.0.0 Ok\r\n");
  else if (is(client, "QUIT")) answer(socket, "221 2.0.0 Bye\r\n");
  else answer(socket, "500 5.5.1 What?\r\n");
}

// Each takes what it needs of the input and answers how much that was.

static int take_line(int socket, const char *bytes, int length) {
  struct client *client = &clients[socket];
  const char *newline = memchr(bytes, '\n', length);
  int taken = newline ? newline - bytes + 1 : length;
  int room = LINE - 1 - client->line_length;
  int kept = taken < room ? taken : room;
  memcpy(client->line + client->line_length, bytes, kept);
  client->line_length += kept;
  if (!newline) return taken;
  client->line[client->line_length] = 0;
  client->line_length = 0;
  obey(socket);
  return taken;
}

static int take_chunk(int socket, int length) {
  struct client *client = &clients[socket];
  int taken = client->chunk_left < length ? client->chunk_left : length;
  client->chunk_left -= taken;
  if (client->chunk_left > 0) return taken;
  client->mode = COMMAND;
  if (client->chunk_is_last) complete(socket);
  else answer(socket, "250 2.0.0 Ok\r\n");
  return taken;
}

// Byte by byte only where an end may be: `memmem` finds the next candidate, a split one is carried over in end_matched.
static int take_text(int socket, const char *bytes, int length) {
  static const char mark[] = "\r\n.\r\n";
  struct client *client = &clients[socket];
  int at = 0;
  while (client->end_matched > 0 && at < length && bytes[at] == mark[client->end_matched]) {
    at++;
    if (++client->end_matched == 5) { client->mode = COMMAND; complete(socket); return at; }
  }
  if (at == length) return at;
  // What had matched turned out to be text. Only its last CR could still begin the mark, and it is looked at again.
  client->end_matched = 0;
  const char *found = memmem(bytes, length, mark, 5);
  if (found) { client->mode = COMMAND; complete(socket); return found - bytes + 5; }
  for (int kept = length < 4 ? length : 4; kept > 0; kept--)
    if (!memcmp(bytes + length - kept, mark, kept)) { client->end_matched = kept; break; }
  return length;
}

static void take(int socket, const char *bytes, int length) {
  struct client *client = &clients[socket];
  for (int at = 0; at < length || (client->mode == CHUNK && client->chunk_left == 0);) {
    if (client->mode == COMMAND) at += take_line(socket, bytes + at, length - at);
    else if (client->mode == CHUNK) at += take_chunk(socket, length - at);
    else at += take_text(socket, bytes + at, length - at);
  }
  flush_output(socket);
}

static void leave(int socket) {
  clients[socket].open = 0;
  clients[socket].generation++;
  close(socket);
}

static void welcome(int listener, int poll) {
  int socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
  if (socket < 0) return;
  if (socket >= MAX_CLIENTS) { close(socket); return; }
  int yes = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  struct client *client = &clients[socket];
  unsigned generation = client->generation;
  memset(client, 0, sizeof *client);
  client->generation = generation;
  client->open = 1;
  struct epoll_event event = { .events = EPOLLIN, .data.fd = socket };
  epoll_ctl(poll, EPOLL_CTL_ADD, socket, &event);
  answer(socket, "220 sink ESMTP\r\n");
  flush_output(socket);
}

static void send_due(void) {
  long now = clock_ms(CLOCK_MONOTONIC);
  for (; first_waiting != after_waiting && waiting[first_waiting % REPLIES].due <= now; first_waiting++) {
    struct reply *reply = &waiting[first_waiting % REPLIES];
    if (clients[reply->socket].open && clients[reply->socket].generation == reply->generation)
      send_all(reply->socket, reply->text, strlen(reply->text));
  }
}

static int until_next(void) {
  if (first_waiting == after_waiting) return 100;
  long left = waiting[first_waiting % REPLIES].due - clock_ms(CLOCK_MONOTONIC);
  return left < 0 ? 0 : left > 100 ? 100 : (int)left;
}

static int listen_on(int port) {
  int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1024)) { perror("listen"); exit(1); }
  return listener;
}

int main(int count, char **arguments) {
  if (count != 4) { fprintf(stderr, "usage: fast-sink PORT DELAY_MS LOGFILE\n"); return 2; }
  prctl(PR_SET_PDEATHSIG, SIGTERM); // never outlives the benchmark
  signal(SIGTERM, end);
  signal(SIGINT, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
  delay = atol(arguments[2]);
  log_file = fopen(arguments[3], "w");
  if (!log_file) { perror("log"); return 1; }
  setvbuf(log_file, NULL, _IOFBF, 1 << 16);
  int listener = listen_on(atoi(arguments[1])), poll = epoll_create1(0);
  struct epoll_event event = { .events = EPOLLIN, .data.fd = listener }, events[256];
  epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
  printf("ready\n");
  fflush(stdout);
  static char input[INPUT];
  while (!ending) {
    int ready = epoll_wait(poll, events, 256, until_next());
    for (int i = 0; i < ready; i++) {
      int socket = events[i].data.fd;
      if (socket == listener) { welcome(listener, poll); continue; }
      long length = read(socket, input, INPUT);
      if (length > 0) take(socket, input, length);
      else if (length == 0 || errno != EAGAIN) leave(socket);
    }
    send_due();
    if (ready == 0) fflush(log_file);
  }
  return fclose(log_file) ? 1 : 0;
}
