#include "scenarios/reader/value.h"

#include <math.h>
#include <string.h>

#include "sim/number.h"

/* A parsed plain value, before it is stored. */
struct value {
    int64_t integer;
    double number;
    const char *string;
    bool is_integer;
};

static bool report(struct scn_reading *reading, const struct scn_key *key,
                   const struct scn_node *node, const char *expected)
{
    scn_error(reading->list, node->place, "'%s' must be %s, found %s", key->name, expected,
              scn_node_describe(reading->arena, node));
    return false;
}

static bool report_choice(struct scn_reading *reading, const struct scn_key *key,
                          const struct scn_node *node)
{
    struct sim_text text = {0};
    scn_choices_list(key->choices, &text);
    const char *words[8];
    char buffers[8][32];
    size_t count = 0;
    while (count < 8 && scn_choice_get(key->choices, (uint32_t)count, buffers[count], 32)) {
        words[count] = buffers[count];
        count++;
    }
    sim_text_add(&text, ", found %s", scn_node_describe(reading->arena, node));
    /* A version is no misspelling of another. */
    bool is_word = node->kind == SCN_SCALAR && (key->choices[0] < '0' || key->choices[0] > '9');
    int nearest = is_word ? sim_text_nearest(node->text, words, count) : -1;
    if (nearest >= 0) {
        sim_text_add(&text, "; did you mean '%s'?", words[nearest]);
    }
    scn_error(reading->list, node->place, "'%s' must be %s%s", key->name,
              key->type == SCN_PARTITIONER ? "{weights: [...]}, " : "", sim_text_get(&text));
    sim_text_finish(&text);
    return false;
}

/* Whole numbers; also the range, since a double does not hold all of them. */
static bool parse_integer(struct scn_reading *reading, const struct scn_key *key,
                          const struct scn_node *node, struct value *value)
{
    struct sim_err err = {0};
    int64_t low = key->low <= -9e18 ? INT64_MIN : (int64_t)key->low;
    int64_t high = key->high >= 9e18 ? INT64_MAX : (int64_t)key->high;
    value->is_integer = true;
    bool is_good =
        key->type == SCN_COUNT
            ? sim_number_parse_count(node->text, &value->integer, &err)
            : sim_number_parse_int(node->text, INT64_MIN, INT64_MAX, &value->integer, &err);
    if (!is_good) {
        scn_error(reading->list, node->place, "'%s': %s", key->name, err.text);
        return false;
    }
    if (value->integer < low || value->integer > high) {
        bool is_less = value->integer < low;
        scn_error(reading->list, node->place, "'%s' must be at %s %lld%s%s, found %lld", key->name,
                  is_less ? "least" : "most", (long long)(is_less ? low : high),
                  key->limit && !is_less ? ", " : "", key->limit && !is_less ? key->limit : "",
                  (long long)value->integer);
        return false;
    }
    return true;
}

/* The types that are written as a number with a unit. */
static bool parse_quantity(struct scn_reading *reading, const struct scn_key *key,
                           const struct scn_node *node, struct value *value)
{
    struct sim_err err = {0};
    bool is_good;
    value->is_integer = true;
    if (key->type == SCN_FLINK_SIZE) {
        is_good = sim_number_parse_flink_size(node->text, &value->integer, &err);
    } else if (key->type == SCN_FLINK_DURATION) {
        is_good = sim_number_parse_flink_duration(node->text, &value->integer, &err);
    } else if (key->type == SCN_BANDWIDTH) {
        value->is_integer = false;
        is_good = sim_number_parse_bandwidth(node->text, &value->number, &err);
    } else if (key->type == SCN_NUMBER) {
        value->is_integer = false;
        is_good = sim_number_parse_double(node->text, -INFINITY, INFINITY, &value->number, &err);
    } else if (key->type == SCN_SIZE || reading->is_size) {
        is_good = sim_number_parse_size(node->text, &value->integer, &err);
    } else {
        is_good = sim_number_parse_duration(node->text, &value->integer, &err);
    }
    if (!is_good) {
        scn_error(reading->list, node->place, "'%s': %s", key->name, err.text);
    }
    return is_good;
}

/* The bound of a range as one would write it. */
static void format_bound(const struct scn_reading *reading, const struct scn_key *key, double bound,
                         char *buffer, size_t size)
{
    bool is_time = key->type == SCN_DURATION || key->type == SCN_FLINK_DURATION ||
                   (key->type == SCN_QUANTITY && !reading->is_size);
    if (key->type == SCN_NUMBER || key->type == SCN_RATE || bound >= 9e18) {
        sim_number_format_double(buffer, size, bound);
    } else if (is_time) {
        sim_number_format_duration(buffer, size, (sim_time)bound);
    } else {
        sim_number_format_bytes(buffer, size, (int64_t)bound);
    }
}

static bool check_range(struct scn_reading *reading, const struct scn_key *key,
                        const struct scn_node *node, const struct value *value)
{
    double number = value->is_integer ? (double)value->integer : value->number;
    if (number >= key->low && number <= key->high) {
        return true;
    }
    char bound[64];
    if (number < key->low && key->low == 1) {
        scn_error(reading->list, node->place, "'%s' must be more than 0, found '%s'", key->name,
                  node->text);
        return false;
    }
    if (number > key->high && key->high == SCN_BELOW_ONE) {
        scn_error(reading->list, node->place, "'%s' must be less than 1, found '%s'", key->name,
                  node->text);
        return false;
    }
    format_bound(reading, key, number < key->low ? key->low : key->high, bound, sizeof(bound));
    scn_error(reading->list, node->place, "'%s' must be at %s %s, found '%s'", key->name,
              number < key->low ? "least" : "most", bound, node->text);
    return false;
}

static bool parse_bool(struct scn_reading *reading, const struct scn_key *key,
                       const struct scn_node *node, struct value *value)
{
    /* Flink takes TRUE and False as well. */
    bool is_flink = key->group == SCN_FLINK;
    const char *const words[] = {"false", "true", "False", "True", "FALSE", "TRUE"};
    value->is_integer = true;
    for (size_t i = 0; i < (is_flink ? 6 : 2); i++) {
        if (strcmp(node->text, words[i]) == 0) {
            value->integer = (int64_t)(i % 2);
            return true;
        }
    }
    return report(reading, key, node, "true or false");
}

static bool parse_value(struct scn_reading *reading, const struct scn_key *key,
                        const struct scn_node *node, struct value *value)
{
    switch (key->type) {
    case SCN_INT:
    case SCN_COUNT:
        return parse_integer(reading, key, node, value);
    case SCN_BOOL:
        return parse_bool(reading, key, node, value);
    case SCN_STRING:
        value->string = node->text;
        return true;
    case SCN_PARTITIONER:
    case SCN_CHOICE:
        value->is_integer = true;
        value->integer = scn_choice_find(key->choices, node->text);
        return value->integer >= 0 || report_choice(reading, key, node);
    case SCN_RATE:
        return scn_read_rate(reading, key, node, &value->number);
    default:
        return parse_quantity(reading, key, node, value) && check_range(reading, key, node, value);
    }
}

static void store_value(const struct scn_key *key, const struct value *value, void *target)
{
    char *at = (char *)target + key->offset;
    double number = value->is_integer ? (double)value->integer : value->number;
    switch (key->store) {
    case SCN_STORE_NOWHERE:
        break;
    case SCN_STORE_I64:
        memcpy(at, &value->integer, sizeof(value->integer));
        break;
    case SCN_STORE_U64:
        memcpy(at, &(uint64_t){(uint64_t)value->integer}, sizeof(uint64_t));
        break;
    case SCN_STORE_U32:
        memcpy(at, &(uint32_t){(uint32_t)value->integer}, sizeof(uint32_t));
        break;
    case SCN_STORE_DOUBLE:
        memcpy(at, &number, sizeof(number));
        break;
    case SCN_STORE_FLOAT:
        memcpy(at, &(float){(float)number}, sizeof(float));
        break;
    case SCN_STORE_BOOL:
        memcpy(at, &(bool){value->integer != 0}, sizeof(bool));
        break;
    case SCN_STORE_STRING:
        memcpy(at, &value->string, sizeof(value->string));
        break;
    }
}

static bool is_plain(const struct scn_key *key)
{
    return key->type != SCN_MAP && key->type != SCN_LIST && key->type != SCN_NUMBERS &&
           key->type != SCN_QUANTITIES && key->type != SCN_RECORD_SIZES &&
           key->type != SCN_PARTITIONER && key->type != SCN_ANYTHING;
}

bool scn_read_value(struct scn_reading *reading, const struct scn_key *key,
                    const struct scn_node *node, void *target)
{
    if (key->type == SCN_ANYTHING) {
        return true;
    }
    if (node->kind != SCN_SCALAR || (scn_node_is_null(node) && key->type != SCN_STRING)) {
        return key->choices ? report_choice(reading, key, node)
                            : report(reading, key, node, scn_type_describe(key->type));
    }
    struct value value = {0};
    if (!parse_value(reading, key, node, &value)) {
        return false;
    }
    if (target) {
        store_value(key, &value, target);
    }
    return true;
}

bool scn_read_rate(struct scn_reading *reading, const struct scn_key *key,
                   const struct scn_node *node, double *rate)
{
    struct sim_err err = {0};
    if (node->kind != SCN_SCALAR || scn_node_is_null(node)) {
        return report(reading, key, node, scn_type_describe(key->type));
    }
    if (strcmp(node->text, "unlimited") == 0) {
        *rate = INFINITY;
        return true;
    }
    if (strcmp(node->text, "0") == 0 || strcmp(node->text, "0/s") == 0) {
        *rate = 0;
        return true;
    }
    if (!sim_number_parse_rate(node->text, rate, &err)) {
        scn_error(reading->list, node->place, "'%s': %s, or unlimited", key->name, err.text);
        return false;
    }
    struct value value = {.number = *rate};
    return check_range(reading, key, node, &value);
}

bool scn_read_quantity(struct scn_reading *reading, const struct scn_key *key,
                       const struct scn_node *node, int64_t *result)
{
    if (node->kind != SCN_SCALAR || scn_node_is_null(node)) {
        const char *expected = scn_type_describe(reading->is_size ? SCN_SIZE : SCN_DURATION);
        return report(reading, key, node, expected);
    }
    struct scn_key quantity = *key;
    quantity.type = SCN_QUANTITY;
    struct value value = {0};
    if (!parse_quantity(reading, &quantity, node, &value) ||
        !check_range(reading, &quantity, node, &value)) {
        return false;
    }
    *result = value.integer;
    return true;
}

bool scn_read_numbers(struct scn_reading *reading, const struct scn_key *key,
                      const struct scn_node *node, double **values, uint32_t *count)
{
    if (node->kind != SCN_SEQUENCE || node->count == 0) {
        return report(reading, key, node, scn_type_describe(key->type));
    }
    struct scn_key item = *key;
    item.type = SCN_NUMBER;
    item.store = SCN_STORE_DOUBLE;
    item.offset = 0;
    bool is_good = true;
    uint32_t index = 0;
    *values = sim_arena_alloc(reading->arena, node->count, sizeof(double));
    for (const struct scn_entry *entry = node->first; entry; entry = entry->next) {
        is_good &= scn_read_value(reading, &item, entry->value, &(*values)[index++]);
    }
    *count = node->count;
    return is_good;
}

/* A key of the mapping that is unknown and nearest to `name`: one mistake is told once. */
static bool is_misspelt(const struct scn_node *node, enum scn_group group, const char *name)
{
    for (const struct scn_entry *entry = node->first; entry; entry = entry->next) {
        const char *nearest = scn_schema_find(group, entry->key->text)
                                  ? NULL
                                  : scn_schema_nearest(group, entry->key->text);
        if (nearest && strcmp(nearest, name) == 0) {
            return true;
        }
    }
    return false;
}

/* "the mapping of 'run' has no key 'duration'". */
static bool check_required(struct scn_reading *reading, const struct scn_node *node,
                           enum scn_group group)
{
    bool is_good = true;
    for (size_t i = 0; i < scn_schema_count(); i++) {
        const struct scn_key *key = scn_schema_key(i);
        if (key->group != group || !key->is_required || scn_node_find(node, key->name)) {
            continue;
        }
        is_good = false;
        if (scn_diagnostics_are_full(reading->list) || !is_misspelt(node, group, key->name)) {
            scn_error(reading->list, node->place, "the key '%s' is missing here (%s)", key->name,
                      key->help);
        }
    }
    return is_good;
}

/* Where a key belongs that is unknown where it stands; NULL: nowhere that is worth a word. */
static const char *right_place(const char *name)
{
    static const struct {
        enum scn_group group;
        const char *place;
    } places[] = {
        {SCN_TOP, "at the top level"},    {SCN_RUN, "under 'run'"},
        {SCN_CLUSTER, "under 'cluster'"}, {SCN_SOURCE, "under 'source'"},
        {SCN_PROCESS, "under 'process'"}, {SCN_MACHINE, "under 'machine'"},
    };
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (scn_schema_find(places[i].group, name)) {
            return places[i].place;
        }
    }
    return NULL;
}

static void report_unknown(struct scn_reading *reading, const struct scn_node *key,
                           enum scn_group group)
{
    bool is_full = scn_diagnostics_are_full(reading->list);
    bool is_astray = !is_full && group == SCN_TOP && scn_schema_is_of_flink(key->text);
    const char *place = is_full || is_astray ? NULL : right_place(key->text);
    const char *nearest =
        is_full || is_astray || place ? NULL : scn_schema_nearest(group, key->text);
    const char *name = scn_node_describe(reading->arena, key);
    struct sim_text text = {0};
    if (is_astray) {
        scn_error(reading->list, key->place,
                  "unknown key %s; Flink's configuration belongs under the key 'flink'", name);
    } else if (place) {
        scn_error(reading->list, key->place, "unknown key %s; it belongs %s", name, place);
    } else if (nearest) {
        scn_error(reading->list, key->place, "unknown key %s, did you mean '%s'?", name, nearest);
    } else {
        scn_schema_list_names(group, &text);
        scn_error(reading->list, key->place, "unknown key %s; %s", name, sim_text_get(&text));
    }
    sim_text_finish(&text);
}

static bool check_key(struct scn_reading *reading, const struct scn_node *node,
                      const struct scn_entry *entry, enum scn_group group)
{
    const struct scn_node *key = entry->key;
    if (!scn_schema_find(group, key->text)) {
        report_unknown(reading, key, group);
        return false;
    }
    const struct scn_entry *first = scn_node_find(node, key->text);
    if (first != entry) {
        scn_error(reading->list, key->place, "the key '%s' stands here twice, first in line %u",
                  key->text, first->key->place.line);
        return false;
    }
    return true;
}

static void report_no_mapping(struct scn_reading *reading, const struct scn_node *node,
                              enum scn_group group)
{
    const char *found = scn_node_describe(reading->arena, node);
    sim_time time;
    if ((group == SCN_SERVICE || group == SCN_DISTRIBUTION) && node->kind == SCN_SCALAR &&
        sim_number_parse_duration(node->text, &time, NULL)) {
        scn_error(reading->list, node->place,
                  "expected a distribution, such as {constant: %s}, "
                  "found %s",
                  node->text, found);
        return;
    }
    scn_error(reading->list, node->place, "expected a mapping of keys to values, found %s", found);
}

bool scn_check_keys(struct scn_reading *reading, const struct scn_node *node, enum scn_group group)
{
    if (node->kind != SCN_MAPPING) {
        report_no_mapping(reading, node, group);
        return false;
    }
    bool is_good = true;
    for (const struct scn_entry *entry = node->first; entry; entry = entry->next) {
        is_good &= check_key(reading, node, entry, group);
    }
    return check_required(reading, node, group) && is_good;
}

/* Defaults are parsed as if they had been written. */
static void store_default(struct scn_reading *reading, const struct scn_key *key, void *target)
{
    const char *fallback = scn_schema_fallback(key, reading->version);
    if (fallback && is_plain(key) && key->store != SCN_STORE_NOWHERE) {
        struct scn_node node = {.kind = SCN_SCALAR, .is_quoted = true, .text = fallback};
        scn_read_value(reading, key, &node, target);
    }
}

void scn_store_defaults(struct scn_reading *reading, enum scn_group group, void *target)
{
    for (size_t i = 0; i < scn_schema_count(); i++) {
        const struct scn_key *key = scn_schema_key(i);
        if (key->group == group) {
            store_default(reading, key, target);
        }
    }
}

bool scn_read_fields(struct scn_reading *reading, const struct scn_node *node, enum scn_group group,
                     void *target)
{
    scn_store_defaults(reading, group, target);
    bool is_good = scn_check_keys(reading, node, group);
    if (node->kind != SCN_MAPPING) {
        return false;
    }
    for (const struct scn_entry *entry = node->first; entry; entry = entry->next) {
        const struct scn_key *key = scn_schema_find(group, entry->key->text);
        if (key && is_plain(key) && key->store != SCN_STORE_NOWHERE) {
            is_good &= scn_read_value(reading, key, entry->value, target);
        }
    }
    return is_good;
}
