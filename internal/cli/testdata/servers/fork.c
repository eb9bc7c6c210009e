/* An echo server that forks: fork HOST PORT KIND.
 *
 *   requests  one loop that answers each request by a child, which burns 1 ms of
 *             processor time, replies and ends; the loop waits for it
 *   ignored   likewise, but it ignores SIGCHLD, so nobody waits
 *   workers   four children share the connections, each answers 100 requests,
 *             burns 1 ms for each, and is then replaced; a connection stays open,
 *             since the successor inherits it
 *
 * When it ends, by SIGTERM, it prints what it has used by its own account:
 * getrusage(RUSAGE_SELF) and (RUSAGE_CHILDREN), and how many requests. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { most = 1024, workers = 4, turns = 100 };

static struct pollfd fds[most];
static int count, listener;
static _Atomic long long *answered; /* shared with the children */
static volatile sig_atomic_t end;

static void ended(int signal) {
	(void)signal;
	end = 1;
}

static void report(void) {
	struct rusage u[2];
	long long us = 0;
	getrusage(RUSAGE_SELF, &u[0]);
	getrusage(RUSAGE_CHILDREN, &u[1]);
	for (int i = 0; i < 2; i++)
		us += (u[i].ru_utime.tv_sec + u[i].ru_stime.tv_sec) * 1000000LL + u[i].ru_utime.tv_usec + u[i].ru_stime.tv_usec;
	printf("used_us %lld switches %ld requests %lld\n", us,
	       u[0].ru_nvcsw + u[0].ru_nivcsw + u[1].ru_nvcsw + u[1].ru_nivcsw, *answered);
}

static void burn(long long ns) {
	struct timespec t;
	do
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	while (t.tv_sec * 1000000000LL + t.tv_nsec < ns);
}

static void accept_one(void) {
	int one = 1, fd = accept(listener, NULL, NULL);
	if (fd < 0)
		return;
	if (count == most) {
		close(fd);
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	fds[count++] = (struct pollfd){.fd = fd, .events = POLLIN};
}

static void drop(int i) {
	close(fds[i].fd);
	fds[i] = fds[--count];
}

/* requests answers each request by a child. */
static void requests(int ignored) {
	if (ignored)
		signal(SIGCHLD, SIG_IGN);
	fds[count++] = (struct pollfd){.fd = listener, .events = POLLIN};
	while (!end) {
		poll(fds, count, 100);
		for (int i = count - 1; i > 0; i--) {
			if (!fds[i].revents)
				continue;
			char b[4096];
			ssize_t n = read(fds[i].fd, b, sizeof b);
			if (n <= 0) {
				drop(i);
				continue;
			}
			pid_t child = fork();
			if (child == 0) {
				burn(1000000);
				++*answered;
				_exit(write(fds[i].fd, b, n) == n ? 0 : 1);
			}
			if (child > 0 && !ignored)
				waitpid(child, NULL, 0);
		}
		if (fds[0].revents)
			accept_one();
	}
}

/* work answers a number of requests on every fourth connection. */
static void work(int which) {
	signal(SIGTERM, SIG_DFL);
	for (int done = 0; done < turns;) {
		poll(fds, count, -1);
		for (int i = which; i < count && done < turns; i += workers) {
			char b[4096];
			if (!fds[i].revents)
				continue;
			ssize_t n = read(fds[i].fd, b, sizeof b);
			if (n <= 0) {
				fds[i].fd = -1;
				continue;
			}
			burn(++done * 1000000LL);
			++*answered;
			if (write(fds[i].fd, b, n) != n)
				_exit(1);
		}
	}
	_exit(0);
}

/* replaced keeps four children at work, once there is a connection for each. */
static void replaced(int want) {
	pid_t children[workers];
	while (count < want && !end) {
		struct pollfd one = {.fd = listener, .events = POLLIN};
		if (poll(&one, 1, 100) > 0)
			accept_one();
		/* The first is that of a harness which only asks whether anybody is there. */
		for (int i = 0; i < count; i++) {
			char b;
			if (recv(fds[i].fd, &b, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
				drop(i--);
		}
	}
	for (int i = 0; i < workers; i++)
		if (!end && !(children[i] = fork()))
			work(i);
	while (!end) {
		pid_t gone = waitpid(-1, NULL, 0);
		for (int i = 0; i < workers; i++)
			if (!end && gone > 0 && children[i] == gone && !(children[i] = fork()))
				work(i);
	}
	for (int i = 0; i < workers; i++)
		kill(children[i], SIGTERM);
	while (waitpid(-1, NULL, 0) > 0)
		;
}

int main(int argc, char **argv) {
	struct sockaddr_in addr = {.sin_family = AF_INET};
	if (argc != 4 || inet_pton(AF_INET, argv[1], &addr.sin_addr) != 1) {
		fprintf(stderr, "usage: fork HOST PORT requests|ignored|workers\n");
		return 2;
	}
	addr.sin_port = htons(atoi(argv[2]));
	signal(SIGPIPE, SIG_IGN);
	struct sigaction stop = {.sa_handler = ended};
	sigaction(SIGTERM, &stop, NULL);
	answered = mmap(NULL, sizeof *answered, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (answered == MAP_FAILED) {
		perror("fork");
		return 1;
	}
	int one = 1;
	listener = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(listener, (struct sockaddr *)&addr, sizeof addr) || listen(listener, 1024)) {
		perror("fork");
		return 1;
	}
	if (!strcmp(argv[3], "workers"))
		replaced(workers);
	else
		requests(!strcmp(argv[3], "ignored"));
	report();
	return 0;
}
