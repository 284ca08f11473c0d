#include "cli/options.h"

#include <string.h>

#include "sim/arena.h"
#include "sim/number.h"
#include "sim/text.h"

#define PAGE_COLUMNS 80
#define MOST_OPTIONS 64

static size_t option_count(const struct cli_option *options)
{
    size_t count = 0;

    while (options[count].name != NULL) {
        count++;
    }
    return count;
}

/* The index of the long option of `length` letters at `name`, or -1. */
static int find_long(const struct cli_option *options, const char *name, size_t length)
{
    for (size_t i = 0; options[i].name != NULL; i++) {
        if (strlen(options[i].name) == length && memcmp(options[i].name, name, length) == 0) {
            return (int)i;
        }
    }
    return -1;
}

static int find_short(const struct cli_option *options, char letter)
{
    for (size_t i = 0; options[i].name != NULL; i++) {
        if (letter != 0 && options[i].letter == letter) {
            return (int)i;
        }
    }
    return -1;
}

static bool unknown_long(const struct cli_option *options, const char *name, size_t length,
                         struct sim_err *err)
{
    const char *names[MOST_OPTIONS + 1] = {"help"};
    size_t count = 1;
    char word[128];
    int nearest;

    for (size_t i = 0; options[i].name != NULL && count <= MOST_OPTIONS; i++) {
        names[count++] = options[i].name;
    }
    snprintf(word, sizeof word, "%.*s", (int)(length < 100 ? length : 100), name);
    nearest = sim_text_nearest(word, names, count);
    if (nearest >= 0) {
        return sim_err_set(err, SIM_ERR_USAGE, "unknown option '--%s', did you mean '--%s'?", word,
                           names[nearest]);
    }
    return sim_err_set(err, SIM_ERR_USAGE, "unknown option '--%s'", word);
}

static bool is_choice(const char *choices, const char *value)
{
    size_t length = strlen(value);

    for (const char *at = choices; length > 0;) {
        const char *bar = strchr(at, '|');
        size_t size = bar != NULL ? (size_t)(bar - at) : strlen(at);

        if (size == length && memcmp(at, value, length) == 0) {
            return true;
        }
        if (bar == NULL) {
            return false;
        }
        at = bar + 1;
    }
    return false;
}

/* Count the option, with its value or NULL for a flag. */
static bool store(struct cli_args *args, const struct cli_option *options, int index,
                  const char *value, struct sim_err *err)
{
    const struct cli_option *option = &options[index];
    struct cli_value *into = &args->values[index];

    if (into->count > 0 && !option->may_repeat && option->argument != NULL) {
        return sim_err_set(err, SIM_ERR_USAGE, "option '--%s' is given twice", option->name);
    }
    if (option->choices != NULL && !is_choice(option->choices, value)) {
        return sim_err_set(err, SIM_ERR_USAGE, "option '--%s' takes %s, not '%.100s'", option->name,
                           option->choices, value);
    }
    into->texts[into->count++] = value;
    return true;
}

/* One "--name", "--name=value" or "--name value"; *at moves past a value that was taken. */
static bool read_long(struct cli_args *args, const struct cli_option *options, int argc,
                      char **argv, int *at, struct sim_err *err)
{
    const char *name = argv[*at] + 2;
    const char *equals = strchr(name, '=');
    size_t length = equals != NULL ? (size_t)(equals - name) : strlen(name);
    const char *value = equals != NULL ? equals + 1 : NULL;
    int index = find_long(options, name, length);

    if (index < 0 && length == 4 && memcmp(name, "help", 4) == 0) {
        args->has_help = true;
        return true;
    }
    if (index < 0) {
        return unknown_long(options, name, length, err);
    }
    if (options[index].argument == NULL && value != NULL) {
        return sim_err_set(err, SIM_ERR_USAGE, "option '--%s' takes no value", options[index].name);
    }
    if (options[index].argument != NULL && value == NULL) {
        if (*at + 1 >= argc) {
            return sim_err_set(err, SIM_ERR_USAGE, "option '--%s' needs a value: --%s %s",
                               options[index].name, options[index].name, options[index].argument);
        }
        value = argv[++*at];
    }
    return store(args, options, index, value, err);
}

/* One "-v", "-vq", "-oVALUE" or "-o VALUE". */
static bool read_short(struct cli_args *args, const struct cli_option *options, int argc,
                       char **argv, int *at, struct sim_err *err)
{
    for (const char *letter = argv[*at] + 1; *letter != 0; letter++) {
        int index = find_short(options, *letter);
        const char *value = NULL;

        if (index < 0 && *letter == 'h') {
            args->has_help = true;
            continue;
        }
        if (index < 0) {
            return sim_err_set(err, SIM_ERR_USAGE, "unknown option '-%c'", *letter);
        }
        if (options[index].argument == NULL) {
            if (!store(args, options, index, NULL, err)) {
                return false;
            }
            continue;
        }
        if (letter[1] != 0) {
            value = letter + 1;
        } else if (*at + 1 < argc) {
            value = argv[++*at];
        } else {
            return sim_err_set(err, SIM_ERR_USAGE, "option '-%c' needs a value: -%c %s", *letter,
                               *letter, options[index].argument);
        }
        return store(args, options, index, value, err);
    }
    return true;
}

bool cli_args_parse(struct cli_args *result, const struct cli_option *options, int argc,
                    char **argv, struct sim_err *err)
{
    struct sim_arena *arena = sim_arena_create();
    struct cli_args args = {
        .options = options, .value_count = option_count(options), .storage = arena};
    size_t most = 0;
    bool has_ended = false;
    bool is_good = true;

    args.values = sim_arena_alloc(arena, args.value_count, sizeof *args.values);
    args.operands = sim_arena_alloc(arena, (size_t)argc, sizeof *args.operands);
    /* A bundle such as "-vvv" counts more than once in one word. */
    for (int i = 0; i < argc; i++) {
        most += strlen(argv[i]) + 1;
    }
    for (size_t i = 0; i < args.value_count; i++) {
        args.values[i].texts = sim_arena_alloc(arena, most, sizeof *args.values[i].texts);
    }
    for (int at = 0; at < argc && is_good && !args.has_help; at++) {
        if (has_ended || argv[at][0] != '-' || argv[at][1] == 0) {
            args.operands[args.operand_count++] = argv[at];
        } else if (strcmp(argv[at], "--") == 0) {
            has_ended = true;
        } else if (argv[at][1] == '-') {
            is_good = read_long(&args, options, argc, argv, &at, err);
        } else {
            is_good = read_short(&args, options, argc, argv, &at, err);
        }
    }
    if (!is_good) {
        sim_arena_destroy(arena);
        return false;
    }
    *result = args;
    return true;
}

void cli_args_finish(struct cli_args *args)
{
    sim_arena_destroy(args->storage);
    *args = (struct cli_args){0};
}

bool cli_args_has(const struct cli_args *args, size_t index)
{
    return args->values[index].count > 0;
}

const char *cli_args_text(const struct cli_args *args, size_t index)
{
    const struct cli_value *value = &args->values[index];

    return value->count > 0 ? value->texts[value->count - 1] : NULL;
}

bool cli_args_number(const struct cli_args *args, size_t index, int64_t low, int64_t high,
                     int64_t *value, struct sim_err *err)
{
    const char *text = cli_args_text(args, index);
    struct sim_err why = {0};

    return text == NULL || sim_number_parse_int(text, low, high, value, &why) ||
           sim_err_set(err, SIM_ERR_USAGE, "option '--%s': %s", args->options[index].name,
                       why.text);
}

void cli_wrap(FILE *out, const char *text, size_t first, size_t indent)
{
    size_t column = first;
    bool is_fresh = true;

    while (*text != 0) {
        size_t length = strcspn(text, " ");

        if (text[length] != 0 && text[length + 1] == '%') {
            length += 1 + strcspn(text + length + 1, " "); /* "64 %" stays together */
        }

        if (!is_fresh && column + 1 + length > PAGE_COLUMNS) {
            fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
            is_fresh = true;
        }
        fprintf(out, "%s%.*s", is_fresh ? "" : " ", (int)length, text);
        column += length + (is_fresh ? 0 : 1);
        is_fresh = false;
        text += length;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

static void print_option(FILE *out, const struct cli_option *option)
{
    const size_t indent = 26;
    char head[128];
    int length;

    if (option->letter != 0) {
        length = snprintf(head, sizeof head, "  -%c, --%s%s%s", option->letter, option->name,
                          option->argument != NULL ? " " : "",
                          option->argument != NULL ? option->argument : "");
    } else {
        length = snprintf(head, sizeof head, "      --%s%s%s", option->name,
                          option->argument != NULL ? " " : "",
                          option->argument != NULL ? option->argument : "");
    }
    fputs(head, out);
    if ((size_t)length + 2 > indent) {
        fprintf(out, "\n%*s", (int)indent, "");
    } else {
        fprintf(out, "%*s", (int)indent - length, "");
    }
    cli_wrap(out, option->help, indent, indent);
}

void cli_options_print(FILE *out, const struct cli_option *options)
{
    const struct cli_option help = {.name = "help", .letter = 'h', .help = "print this help"};

    for (size_t i = 0; options[i].name != NULL; i++) {
        print_option(out, &options[i]);
    }
    print_option(out, &help);
}
