/* An echo server with a thread for each connection: threads HOST PORT.
 *
 * When it ends, by SIGTERM, it prints what it has used by its own account:
 * user and system time of getrusage(RUSAGE_SELF), in microseconds. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static void *serve(void *arg) {
	int fd = (int)(long)arg;
	char b[4096];
	ssize_t n;
	while ((n = read(fd, b, sizeof b)) > 0)
		if (write(fd, b, n) != n)
			break;
	close(fd);
	return NULL;
}

static void ended(int signal) {
	(void)signal;
	struct rusage u;
	char line[64];
	getrusage(RUSAGE_SELF, &u);
	long long us = (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000LL + u.ru_utime.tv_usec + u.ru_stime.tv_usec;
	int n = snprintf(line, sizeof line, "used %lld\n", us);
	_exit(write(1, line, n) == n ? 0 : 1);
}

int main(int argc, char **argv) {
	struct sockaddr_in addr = {.sin_family = AF_INET};
	if (argc != 3 || inet_pton(AF_INET, argv[1], &addr.sin_addr) != 1) {
		fprintf(stderr, "usage: threads HOST PORT\n");
		return 2;
	}
	addr.sin_port = htons(atoi(argv[2]));
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTERM, ended);
	int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(listener, (struct sockaddr *)&addr, sizeof addr) || listen(listener, 4096)) {
		perror("threads");
		return 1;
	}
	pthread_attr_t small;
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 64 << 10);
	pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
	for (;;) {
		int fd = accept(listener, NULL, NULL);
		if (fd < 0)
			continue;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
		pthread_t thread;
		if (pthread_create(&thread, &small, serve, (void *)(long)fd))
			close(fd);
	}
}
