// Echo of 8 bytes by pairs of a server and a client, each with one epoll loop kept on
// one processor: what results/pairs.sh compares bench run -pin with.
//
//   pairs CONNS SECONDS   one pair for each processor that this process may use, with
//                         CONNS connections in all and one request in flight on each;
//                         prints the round trips per second of all pairs
//
// The first second is not counted.
#include "pair.h"

static void echo(int fd) {
	char buffer[4096];
	ssize_t got = read(fd, buffer, sizeof buffer);
	if (got <= 0 || write(fd, buffer, got) != got) close(fd);
}

// load returns the round trips in the window of the given seconds.
static int64_t load(struct sockaddr_in to, int conns, int seconds) {
	int poller = epoll_create1(0);
	int *fds = calloc(conns, sizeof *fds);
	for (int i = 0; i < conns; i++) {
		fds[i] = socket(AF_INET, SOCK_STREAM, 0);
		if (fds[i] < 0 || connect(fds[i], (struct sockaddr *)&to, sizeof to)) err(1, "connect");
		watch(poller, fds[i]);
	}
	int64_t stamp = now();
	for (int i = 0; i < conns; i++)
		if (write(fds[i], &stamp, sizeof stamp) != sizeof stamp) err(1, "write");
	int64_t count = 0, open = now() + INT64_C(1000000000), end = open + seconds * INT64_C(1000000000);
	for (int64_t t = open; t < end;) {
		int n = epoll_wait(poller, events, BATCH, -1);
		for (int i = 0; i < n; i++) {
			int fd = events[i].data.fd;
			if (read(fd, &stamp, sizeof stamp) != sizeof stamp) err(1, "read");
			t = now();
			count += t >= open && t < end;
			if (write(fd, &t, sizeof t) != sizeof t) err(1, "write");
		}
	}
	return count;
}

int main(int argc, char **argv) {
	int conns = argc == 3 ? atoi(argv[1]) : 0, seconds = argc == 3 ? atoi(argv[2]) : 0;
	cpu_set_t allowed;
	if (conns < 1 || seconds < 1) errx(2, "usage: pairs CONNS SECONDS");
	if (sched_getaffinity(0, sizeof allowed, &allowed)) err(1, "sched_getaffinity");
	int pairs = CPU_COUNT(&allowed), counts[2];
	pid_t servers[CPU_SETSIZE];
	if (pipe(counts)) err(1, "pipe");
	for (int pair = 0; pair < pairs; pair++) {
		struct sockaddr_in at;
		int listener = listening(&at);
		if (!(servers[pair] = fork())) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(counts[1]); // or the parent would never read its end
			stay(pair);
			serve(listener, echo);
		}
		close(listener);
		if (!fork()) {
			stay(pair);
			int64_t count = load(at, conns / pairs + (pair < conns % pairs), seconds);
			_exit(write(counts[1], &count, sizeof count) != sizeof count);
		}
	}
	close(counts[1]);
	int64_t sum = 0, count;
	int answers = 0;
	for (; read(counts[0], &count, sizeof count) == sizeof count; answers++) sum += count;
	for (int i = 0; i < pairs; i++) kill(servers[i], SIGTERM);
	while (wait(0) > 0);
	if (answers < pairs) errx(1, "%d of %d clients failed", pairs - answers, pairs);
	printf("%.0f\n", (double)sum / seconds);
}
