/*
 * sluice: the command line. Reads the verb, hands over, and turns what comes back into an exit
 * status.
 */
#include <errno.h>
#include <gsl/gsl_errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "sim/assert.h"
#include "sim/sim.h"
#include "sim/text.h"

/* All verbs, in the order of `sluice --help`. */
static const struct cli_verb *const verbs[] = {
    &cli_verb_run,  &cli_verb_compare, &cli_verb_check,    &cli_verb_plot,
    &cli_verb_size, &cli_verb_replay,  &cli_verb_validate, &cli_verb_calibrate,
};

#define VERB_COUNT (sizeof verbs / sizeof verbs[0])

static const char hint[] = "Try 'sluice --help'.\n";

SIM_NORETURN static void on_bug(const char *file, int line, const char *condition,
                                const struct sim *simulation)
{
    fprintf(stderr, "sluice: a bug: %s:%d: '%s' does not hold", file, line, condition);
    if (simulation != NULL) {
        fprintf(stderr, " at %.9f s of simulated time", (double)sim_now(simulation) / 1e9);
    }
    fputs("\nPlease report it with the scenario and the seed. Nothing was written.\n", stderr);
    _exit(CLI_BUG);
}

static void print_help(void)
{
    puts("Usage: sluice COMMAND [OPTIONS] FILE...\n\n"
         "Simulates the network buffers of an Apache Flink job: which buffer pool runs\n"
         "dry, who is back-pressured, how long records wait, and what would help.\n\n"
         "Commands:");
    for (size_t i = 0; i < VERB_COUNT; i++) {
        printf("  %-10s ", verbs[i]->name);
        cli_wrap(stdout, verbs[i]->summary, 13, 13);
    }
    puts("\nOptions:\n"
         "  -h, --help     print this help; 'sluice COMMAND --help' or 'sluice help\n"
         "                 COMMAND' tells more\n"
         "      --version  print the version\n\n"
         "Example:\n"
         "  sluice run scenarios/log-analytics.yaml --plot\n\n"
         "Exit status: 0 done; 1 the system failed (a full disk); 2 wrong usage;\n"
         "3 the scenario is invalid; 4 the answer is no (the job cannot start, a trace\n"
         "differs); 70 a bug; 130 interrupted.");
}

static void print_paragraphs(const char *text)
{
    while (*text != 0) {
        size_t length = strcspn(text, "\n");
        struct sim_text paragraph = {0};

        sim_text_add_bytes(&paragraph, text, length);
        cli_wrap(stdout, sim_text_get(&paragraph), 0, 0);
        sim_text_finish(&paragraph);
        text += length;
        text += *text == '\n';
    }
}

static void print_verb_help(const struct cli_verb *verb)
{
    printf("Usage: sluice %s [OPTIONS] %s\n\n", verb->name, verb->operands);
    print_paragraphs(verb->about);
    puts("\nOptions:");
    cli_options_print(stdout, verb->options);
    printf("\n%s:\n%s", strchr(verb->examples, '\n')[1] != 0 ? "Examples" : "Example",
           verb->examples);
}

static const struct cli_verb *find_verb(const char *name)
{
    const char *names[VERB_COUNT];
    int nearest;

    for (size_t i = 0; i < VERB_COUNT; i++) {
        names[i] = verbs[i]->name;
        if (strcmp(verbs[i]->name, name) == 0) {
            return verbs[i];
        }
    }
    nearest = sim_text_nearest(name, names, VERB_COUNT);
    if (nearest >= 0) {
        fprintf(stderr, "sluice: unknown command '%s', did you mean '%s'?\n%s", name,
                names[nearest], hint);
    } else {
        fprintf(stderr, "sluice: unknown command '%s'\n%s", name, hint);
    }
    return NULL;
}

static int run_verb(const struct cli_verb *verb, int argc, char **argv)
{
    struct cli_args args;
    struct sim_err err = {0};
    int status;

    if (!cli_args_parse(&args, verb->options, argc, argv, &err)) {
        fprintf(stderr, "sluice %s: %s\nTry 'sluice %s --help'.\n", verb->name, err.text,
                verb->name);
        return CLI_USAGE;
    }
    if (args.has_help) {
        print_verb_help(verb);
        status = CLI_DONE;
    } else if (args.operand_count < verb->least_operands ||
               args.operand_count > verb->most_operands) {
        fprintf(stderr, "sluice %s: %s: usage: sluice %s [OPTIONS] %s\nTry 'sluice %s --help'.\n",
                verb->name,
                args.operand_count < verb->least_operands ? "an operand is missing"
                                                          : "too many operands",
                verb->name, verb->operands, verb->name);
        status = CLI_USAGE;
    } else {
        status = verb->run(&args);
    }
    cli_args_finish(&args);
    return status;
}

/* `sluice help [COMMAND]` is what `--help` is after the same words. */
static int run_help(int argc, char **argv)
{
    const struct cli_verb *verb;

    if (argc > 1) {
        fprintf(stderr, "sluice help: too many operands: usage: sluice help [COMMAND]\n%s", hint);
        return CLI_USAGE;
    }
    if (argc == 0 || strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0 ||
        strcmp(argv[0], "help") == 0) {
        print_help();
        return CLI_DONE;
    }
    verb = find_verb(argv[0]);
    if (verb == NULL) {
        return CLI_USAGE;
    }
    print_verb_help(verb);
    return CLI_DONE;
}

static int dispatch(int argc, char **argv)
{
    const struct cli_verb *verb;

    if (argc < 2) {
        fprintf(stderr, "sluice: a command is missing\n%s", hint);
        return CLI_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help();
        return CLI_DONE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("sluice " SLUICE_VERSION);
        return CLI_DONE;
    }
    if (argv[1][0] == '-') {
        fprintf(stderr, "sluice: unknown option '%s'\n%s", argv[1], hint);
        return CLI_USAGE;
    }
    if (strcmp(argv[1], "help") == 0) {
        return run_help(argc - 2, argv + 2);
    }
    verb = find_verb(argv[1]);
    return verb != NULL ? run_verb(verb, argc - 2, argv + 2) : CLI_USAGE;
}

int main(int argc, char **argv)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    int status;

    /* A reader that went away and a file that may not grow must show as failed writes, not kill the
     * run with its results half on disk. */
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL);
    gsl_set_error_handler_off();
    sim_assert_set_handler(on_bug);
    status = dispatch(argc, argv);
    errno = 0;
    if (fflush(stdout) != 0 || ferror(stdout)) {
        int why = errno;
        if (why != EPIPE) {
            fprintf(stderr, "sluice: cannot write to standard output: %s\n",
                    why != 0 ? strerror(why) : "the device is full or gone");
        }
        if (status == CLI_DONE) {
            status = CLI_SYSTEM;
        }
    }
    return status;
}
