/* An echo server with a thread for each connection: threads HOST PORT.
 *
 * When the first connection that carried a request is closed it prints, by its
 * own account, what has been used since the first request: user and system time
 * and context switches of getrusage(RUSAGE_SELF), and how many requests. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static atomic_llong requests;
static atomic_flag begun = ATOMIC_FLAG_INIT, over = ATOMIC_FLAG_INIT;
static struct rusage first;

static long long us(struct rusage u) {
	return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000LL + u.ru_utime.tv_usec + u.ru_stime.tv_usec;
}

static void *serve(void *arg) {
	int fd = (int)(long)arg;
	long long mine = 0;
	char b[4096];
	ssize_t n;
	while ((n = read(fd, b, sizeof b)) > 0) {
		if (!mine++ && !atomic_flag_test_and_set(&begun))
			getrusage(RUSAGE_SELF, &first);
		atomic_fetch_add(&requests, 1);
		if (write(fd, b, n) != n)
			break;
	}
	if (mine && !atomic_flag_test_and_set(&over)) {
		struct rusage u;
		getrusage(RUSAGE_SELF, &u);
		printf("used_us %lld switches %ld requests %lld\n", us(u) - us(first),
		       u.ru_nvcsw + u.ru_nivcsw - first.ru_nvcsw - first.ru_nivcsw, atomic_load(&requests));
		fflush(stdout);
	}
	close(fd);
	return NULL;
}

int main(int argc, char **argv) {
	struct sockaddr_in addr = {.sin_family = AF_INET};
	if (argc != 3 || inet_pton(AF_INET, argv[1], &addr.sin_addr) != 1) {
		fprintf(stderr, "usage: threads HOST PORT\n");
		return 2;
	}
	addr.sin_port = htons(atoi(argv[2]));
	signal(SIGPIPE, SIG_IGN);
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
