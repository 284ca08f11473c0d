#include "cli/vary.h"

#include <string.h>

#include "sim/text.h"

/* One --vary. */
struct key {
    const char *path; /* with '=' at its end */
    const char *name;
    const char **values;
    uint32_t count;
};

/* Where the value at `text` ends: at a comma outside of brackets and quotes, or at the end. */
static size_t value_length(const char *text)
{
    int depth = 0;
    char quote = 0;
    size_t i;

    for (i = 0; text[i] != 0 && (depth > 0 || quote != 0 || text[i] != ','); i++) {
        if (quote != 0) {
            quote = text[i] == quote ? 0 : quote;
        } else if (text[i] == '"' || text[i] == '\'') {
            quote = text[i];
        } else if (text[i] == '{' || text[i] == '[') {
            depth++;
        } else if (text[i] == '}' || text[i] == ']') {
            depth--;
        }
    }
    return i;
}

/* The last parts of "flink.taskmanager.memory.segment-size=", without '='. */
static const char *short_name(struct sim_arena *arena, const char *path, uint32_t parts)
{
    size_t length = strlen(path) - 1;
    size_t from = length;

    for (uint32_t i = 0; i < parts && from > 0; i++) {
        from -= i > 0; /* over the dot */
        while (from > 0 && path[from - 1] != '.') {
            from--;
        }
    }
    return sim_arena_strndup(arena, path + from, length - from);
}

static bool is_ambiguous(const struct key *keys, size_t count, size_t index)
{
    for (size_t i = 0; i < count; i++) {
        if (i != index && strcmp(keys[i].name, keys[index].name) == 0) {
            return true;
        }
    }
    return false;
}

/* Name the keys by their last part, or by as many as tell them apart. */
static void name_keys(struct key *keys, size_t count, struct sim_arena *arena)
{
    bool is_longer = true;

    for (uint32_t parts = 1; is_longer; parts++) {
        bool is_same[CLI_MOST_KEYS] = {false};

        is_longer = false;
        for (size_t i = 0; i < count && parts > 1; i++) {
            is_same[i] = is_ambiguous(keys, count, i);
        }
        for (size_t i = 0; i < count; i++) {
            if (parts == 1 || is_same[i]) {
                keys[i].name = short_name(arena, keys[i].path, parts);
                is_longer = true;
            }
        }
    }
}

static bool has_value(const struct key *key, const char *value)
{
    for (uint32_t i = 0; i < key->count; i++) {
        if (strcmp(key->values[i], value) == 0) {
            return true;
        }
    }
    return false;
}

static bool has_path(const struct key *keys, size_t count, const char *path)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(keys[i].path, path) == 0) {
            return true;
        }
    }
    return false;
}

static bool read_key(struct key *key, const char *text, struct sim_arena *arena,
                     struct sim_err *err)
{
    const char *equals = strchr(text, '=');
    const char *value;

    if (equals == NULL || equals == text || equals[1] == 0) {
        return sim_err_set(err, SIM_ERR_USAGE,
                           "option '--vary': '%.200s' is not of the form PATH=V1,V2", text);
    }
    *key =
        (struct key){.path = sim_arena_strndup(arena, text, (size_t)(equals + 1 - text)),
                     .values = (const char **)sim_arena_alloc(arena, strlen(text), sizeof(char *))};
    value = equals + 1;
    for (;;) {
        size_t length = value_length(value);

        if (length == 0) {
            return sim_err_set(err, SIM_ERR_USAGE, "option '--vary': '%.200s' has an empty value",
                               text);
        }
        key->values[key->count] = sim_arena_strndup(arena, value, length);
        if (has_value(key, key->values[key->count])) {
            return sim_err_set(err, SIM_ERR_USAGE,
                               "option '--vary': '%.200s' has the value %s twice", text,
                               key->values[key->count]);
        }
        key->count++;
        if (value[length] == 0) {
            return true;
        }
        value += length + 1;
    }
}

static const char *join(struct sim_arena *arena, const char *a, const char *between, const char *b)
{
    struct sim_text text = {0};
    const char *result;

    sim_text_add(&text, "%s%s%s", a, between, b);
    result = sim_arena_strdup(arena, sim_text_get(&text));
    sim_text_finish(&text);
    return result;
}

static void make_one(struct cli_variants *variants, const struct key *keys, uint32_t index,
                     struct sim_arena *arena)
{
    uint32_t rest = index;
    const char *label = "";

    for (size_t i = variants->width; i-- > 0;) {
        const char *value = keys[i].values[rest % keys[i].count];

        rest /= keys[i].count;
        variants->sets[index * variants->width + i] = join(arena, keys[i].path, "", value);
        label =
            join(arena, join(arena, keys[i].name, "=", value), label[0] != 0 ? ", " : "", label);
    }
    variants->labels[index] = label;
}

bool cli_variants_make(struct cli_variants *variants, const struct cli_value *vary,
                       struct sim_arena *arena, struct sim_err *err)
{
    struct key *keys = sim_arena_alloc(arena, vary->count, sizeof *keys);
    uint64_t count = 1;

    if (vary->count > CLI_MOST_KEYS) {
        return sim_err_set(err, SIM_ERR_USAGE, "option '--vary': more than %d keys", CLI_MOST_KEYS);
    }
    for (size_t i = 0; i < vary->count; i++) {
        if (!read_key(&keys[i], vary->texts[i], arena, err)) {
            return false;
        }
        if (has_path(keys, i, keys[i].path)) {
            return sim_err_set(err, SIM_ERR_USAGE, "option '--vary': %.*s is varied twice",
                               (int)(strlen(keys[i].path) - 1), keys[i].path);
        }
        count *= keys[i].count;
        if (count > CLI_MOST_VARIANTS) {
            return sim_err_set(err, SIM_ERR_USAGE, "option '--vary': more than %d configurations",
                               CLI_MOST_VARIANTS);
        }
    }
    name_keys(keys, vary->count, arena);
    if (vary->count > 0 && count < 2) {
        return sim_err_set(err, SIM_ERR_USAGE,
                           "option '--vary': one value alone has nothing to be compared with");
    }
    *variants = (struct cli_variants){.count = (uint32_t)count, .width = vary->count};
    variants->last = vary->count > 0 ? keys[vary->count - 1].count : 1;
    variants->sets =
        (const char **)sim_arena_alloc(arena, count * (vary->count + 1), sizeof(char *));
    variants->labels = (const char **)sim_arena_alloc(arena, count, sizeof(char *));
    for (uint32_t i = 0; i < count; i++) {
        make_one(variants, keys, i, arena);
    }
    return true;
}
