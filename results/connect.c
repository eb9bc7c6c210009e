// Connecting and upgrading by pairs of a server and a client: what results/connect.sh
// compares bench run with. Each pair has its own port, and each process one epoll loop;
// a client stays on one processor.
//
//   connect PAIRS CONNS echo|ws   PAIRS × 2 processes, CONNS connections in all, which
//                                 stay open to the end; prints the connections per
//                                 second until all are established, or upgraded (ws)
//
// The server does not read the key of an upgrade request: it answers the key of RFC 6455,
// 1.3, which the client sends, so both spend less than a real server and client would.
#include "pair.h"

static const char request[] = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
static const char response[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                               "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
enum { REQUEST = sizeof request - 1, RESPONSE = sizeof response - 1 };

static void answer(int fd) {
	char buffer[4096];
	ssize_t got = read(fd, buffer, sizeof buffer);
	if (got != REQUEST || write(fd, response, RESPONSE) != RESPONSE) close(fd);
}

// upgraded reads the responses that have come, and returns their number.
static int upgraded(int poller) {
	char buffer[4096];
	int n = epoll_wait(poller, events, BATCH, -1);
	for (int i = 0; i < n; i++)
		if (read(events[i].data.fd, buffer, sizeof buffer) != RESPONSE) errx(1, "not upgraded");
	return n;
}

static void open_all(struct sockaddr_in to, int conns, int ws) {
	int poller = epoll_create1(0), waiting = 0;
	for (int i = 0; i < conns; i++) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);
		if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to)) err(1, "connect");
		watch(poller, fd);
		if (!ws) continue;
		if (write(fd, request, REQUEST) != REQUEST) err(1, "write");
		if (++waiting == BATCH) waiting -= upgraded(poller); // the most that are in flight
	}
	while (waiting > 0) waiting -= upgraded(poller);
}

int main(int argc, char **argv) {
	int pairs = argc == 4 ? atoi(argv[1]) : 0, conns = argc == 4 ? atoi(argv[2]) : 0;
	if (pairs < 1 || conns < pairs || (strcmp(argv[3], "echo") && strcmp(argv[3], "ws"))) errx(2, "usage: connect PAIRS CONNS echo|ws");
	int ws = !strcmp(argv[3], "ws");
	pid_t *servers = calloc(pairs, sizeof *servers);
	// A client starts when the parent closes start, writes a byte to done when it is
	// ready, and keeps its connections until the parent closes finish.
	int start[2], done[2], finish[2];
	if (pipe(start) || pipe(done) || pipe(finish)) err(1, "pipe");
	for (int pair = 0; pair < pairs; pair++) {
		struct sockaddr_in at;
		int listener = listening(&at);
		if (!(servers[pair] = fork())) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(start[1]), close(done[1]), close(finish[1]);
			serve(listener, answer);
		}
		close(listener);
		if (!fork()) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(start[1]), close(finish[1]);
			stay(pair);
			char byte = 0;
			if (read(start[0], &byte, 1)) _exit(1);
			open_all(at, conns / pairs + (pair < conns % pairs), ws);
			if (write(done[1], &byte, 1) != 1) _exit(1);
			_exit(read(finish[0], &byte, 1) != 0);
		}
	}
	close(done[1]);
	int64_t began = now();
	close(start[1]);
	char byte;
	int ready = 0;
	while (ready < pairs && read(done[0], &byte, 1) == 1) ready++;
	double seconds = (now() - began) / 1e9;
	close(finish[1]);
	for (int i = 0; i < pairs; i++) kill(servers[i], SIGTERM);
	while (wait(0) > 0);
	if (ready < pairs) errx(1, "%d of %d clients failed", pairs - ready, pairs);
	printf("%.0f\n", conns / seconds);
}
