#include "scenarios/reader/schema.h"

#include <string.h>

#include "scenarios/reader/keys.h"

/* More names than any group has. */
#define MAX_NAMES 256

/* Flink has many keys that end with the same short word. */
#define MIN_TELLING 10

size_t scn_schema_count(void)
{
    return scn_scenario_key_count + scn_flink_key_count;
}

const struct scn_key *scn_schema_key(size_t index)
{
    return index < scn_scenario_key_count ? &scn_scenario_keys[index]
                                          : &scn_flink_keys[index - scn_scenario_key_count];
}

static bool matches(const struct scn_key *key, const char *name)
{
    if (strcmp(key->name, name) == 0) {
        return true;
    }
    if (key->group != SCN_FLINK) {
        return false;
    }
    size_t length = strlen(key->name);
    if (key->name[length - 1] == '*') {
        return strncmp(key->name, name, length - 1) == 0 && name[length - 1] != '\0';
    }
    return key->alias && strcmp(key->alias, name) == 0;
}

const struct scn_key *scn_schema_find(enum scn_group group, const char *name)
{
    for (size_t i = 0; i < scn_schema_count(); i++) {
        const struct scn_key *key = scn_schema_key(i);
        if (key->group == group && matches(key, name)) {
            return key;
        }
    }
    return NULL;
}

bool scn_schema_is_of_flink(const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; length > 0 && i < scn_schema_count(); i++) {
        const struct scn_key *key = scn_schema_key(i);
        bool is_beginning = strncmp(key->name, name, length) == 0 && key->name[length] == '.';
        if (key->group == SCN_FLINK && (is_beginning || matches(key, name))) {
            return true;
        }
    }
    return false;
}

/* The part of a key behind its last dot. */
static const char *tail(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot ? dot + 1 : name;
}

const char *scn_schema_nearest(enum scn_group group, const char *name)
{
    const char *names[MAX_NAMES];
    const char *tails[MAX_NAMES];
    size_t count = 0;
    for (size_t i = 0; i < scn_schema_count() && count < MAX_NAMES; i++) {
        const struct scn_key *key = scn_schema_key(i);
        if (key->group == group && key->name[strlen(key->name) - 1] != '*') {
            names[count] = key->name;
            tails[count++] = tail(key->name);
        }
    }
    /* Flink's keys have long beginnings in common, so their ends have to be alike as well. */
    int nearest = sim_text_nearest(name, names, count);
    if (nearest >= 0 && sim_text_nearest(tail(name), &tails[nearest], 1) < 0) {
        nearest = -1;
    }
    /* The right end alone is a hint where it is a telling one, not "enabled" or "dir". */
    if (nearest < 0 && group == SCN_FLINK && strlen(tail(name)) >= MIN_TELLING) {
        nearest = sim_text_nearest(tail(name), tails, count);
    }
    return nearest < 0 ? NULL : names[nearest];
}

void scn_schema_list_names(enum scn_group group, struct sim_text *text)
{
    if (group == SCN_FLINK) {
        sim_text_add(text, "it is not one of Flink's that sluice knows");
        return;
    }
    const char *before = "the keys here are ";
    for (size_t i = 0; i < scn_schema_count(); i++) {
        const struct scn_key *key = scn_schema_key(i);
        if (key->group == group) {
            sim_text_add(text, "%s%s", before, key->name);
            before = ", ";
        }
    }
}

const char *scn_schema_fallback(const struct scn_key *key, enum net_version version)
{
    return version == NET_FLINK_2_2 && key->fallback_2_2 ? key->fallback_2_2 : key->fallback;
}

bool scn_choice_get(const char *choices, uint32_t index, char *buffer, size_t size)
{
    for (; index > 0; index--) {
        choices = strchr(choices, '|');
        if (!choices) {
            return false;
        }
        choices++;
    }
    size_t length = strcspn(choices, "|");
    if (length >= size) {
        return false;
    }
    memcpy(buffer, choices, length);
    buffer[length] = '\0';
    return true;
}

int scn_choice_find(const char *choices, const char *word)
{
    char choice[32];
    for (uint32_t i = 0; scn_choice_get(choices, i, choice, sizeof(choice)); i++) {
        if (strcmp(choice, word) == 0) {
            return (int)i;
        }
    }
    return -1;
}

void scn_choices_list(const char *choices, struct sim_text *text)
{
    char choice[32];
    char next[32];
    for (uint32_t i = 0; scn_choice_get(choices, i, choice, sizeof(choice)); i++) {
        bool is_last = !scn_choice_get(choices, i + 1, next, sizeof(next));
        sim_text_add(text, "%s'%s'", i == 0 ? "" : is_last ? " or " : ", ", choice);
    }
}

const char *scn_type_describe(enum scn_type type)
{
    switch (type) {
    case SCN_INT:
        return "a whole number";
    case SCN_COUNT:
        return "a count such as 20k";
    case SCN_NUMBER:
        return "a number";
    case SCN_BOOL:
        return "true or false";
    case SCN_STRING:
    case SCN_ANYTHING:
        return "text";
    case SCN_CHOICE:
        return "a word";
    case SCN_DURATION:
        return "a duration such as 250ms";
    case SCN_SIZE:
        return "a size such as 120B";
    case SCN_QUANTITY:
        return "a duration or size";
    case SCN_RATE:
        return "a rate such as 350/s";
    case SCN_BANDWIDTH:
        return "a bandwidth such as 10Gbit/s";
    case SCN_FLINK_SIZE:
        return "a memory size such as 32kb";
    case SCN_FLINK_DURATION:
        return "a duration such as 100 ms";
    case SCN_MAP:
        return "a mapping";
    case SCN_LIST:
        return "a list of mappings";
    case SCN_NUMBERS:
        return "a list of numbers";
    case SCN_QUANTITIES:
        return "a list of durations or sizes";
    case SCN_RECORD_SIZES:
        return "a size such as 120B, or a distribution of sizes";
    case SCN_PARTITIONER:
        return "a partitioner";
    }
    return "a value";
}
