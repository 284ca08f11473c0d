#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int cli_status_of(enum sim_err_code code)
{
    switch (code) {
    case SIM_ERR_NONE:
        return CLI_DONE;
    case SIM_ERR_USAGE:
        return CLI_USAGE;
    case SIM_ERR_INPUT:
    case SIM_ERR_LIMIT:
        return CLI_INPUT;
    case SIM_ERR_ANSWER:
        return CLI_ANSWER;
    case SIM_ERR_SYSTEM:
        return CLI_SYSTEM;
    }
    return CLI_BUG;
}

int cli_fail(const struct sim_err *err)
{
    if (err->file[0] != 0 && err->line > 0) {
        fprintf(stderr, "%s:%u:%u: %s\n", err->file, err->line, err->column, err->text);
    } else if (err->file[0] != 0) {
        fprintf(stderr, "%s: %s\n", err->file, err->text);
    } else {
        fprintf(stderr, "sluice: %s\n", err->text);
    }
    return cli_status_of(err->code);
}

void cli_add_name(struct sim_text *text, const char *path)
{
    size_t length = strlen(path);
    size_t begin;

    while (length > 1 && path[length - 1] == '/') {
        length--;
    }
    begin = length;
    while (begin > 0 && path[begin - 1] != '/') {
        begin--;
    }
    sim_text_add(text, "%.*s", (int)(length - begin), path + begin);
}

bool cli_has_colour(void)
{
    const char *no_colour = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");

    return isatty(STDOUT_FILENO) && (no_colour == NULL || no_colour[0] == 0) &&
           (terminal == NULL || strcmp(terminal, "dumb") != 0);
}

bool cli_has_progress(void)
{
    const char *terminal = getenv("TERM");

    return isatty(STDERR_FILENO) && (terminal == NULL || strcmp(terminal, "dumb") != 0);
}
