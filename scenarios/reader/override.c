#include "scenarios/reader/override.h"

#include <stdlib.h>
#include <string.h>

#include "scenarios/reader/schema.h"

/* How many names of vertices a message lists. */
#define MAX_NAMES_SHOWN 10

/* An override while its path is walked. Offsets count from the start of the source, which is
 * "--set PATH=VALUE". */
struct walk {
    struct sim_arena *arena;
    struct scn_diagnostics *list;
    const struct scn_source *source;
    size_t at;  /* where the rest of the path begins */
    size_t end; /* the '=' */
    struct scn_node *value;
};

static struct scn_place walk_place(const struct walk *walk, size_t offset, size_t length)
{
    return (struct scn_place){walk->source, 1, offset, length > 0 ? length : 1};
}

/* Take `length` bytes of the path as one key, and the dot behind it. */
static struct scn_node *take_key(struct walk *walk, size_t length)
{
    struct scn_node *key = sim_arena_alloc(walk->arena, 1, sizeof(*key));
    key->kind = SCN_SCALAR;
    key->text = sim_arena_strndup(walk->arena, walk->source->text + walk->at, length);
    key->place = walk_place(walk, walk->at, length);
    walk->at += length;
    walk->at += walk->at < walk->end && walk->source->text[walk->at] == '.';
    return key;
}

/* Bytes up to the next dot or bracket, or the end of the path. */
static size_t key_length(const struct walk *walk)
{
    size_t length = 0;
    while (walk->at + length < walk->end && walk->source->text[walk->at + length] != '.' &&
           walk->source->text[walk->at + length] != '[') {
        length++;
    }
    return length;
}

static struct scn_node *empty_mapping(struct walk *walk, struct scn_place place)
{
    struct scn_node *node = sim_arena_alloc(walk->arena, 1, sizeof(*node));
    node->kind = SCN_MAPPING;
    node->text = "";
    node->place = place;
    return node;
}

/* Put the value under a key; the old entry, if any, gives way. */
static void put(struct walk *walk, struct scn_node *mapping, struct scn_node *key,
                struct scn_node *value)
{
    struct scn_entry *entry = scn_node_find(mapping, key->text);
    if (entry) {
        entry->key = key;
        entry->value = value;
    } else {
        scn_node_append(walk->arena, mapping, key, value);
    }
}

/* `flink.KEY`: the key under any of its names gives way. */
static bool set_flink(struct walk *walk, struct scn_node *root)
{
    struct scn_entry *entry = scn_node_find(root, "flink");
    if (!entry || entry->value->kind != SCN_MAPPING) {
        struct scn_place place = walk_place(walk, walk->at, walk->end - walk->at);
        struct scn_node *key = sim_arena_alloc(walk->arena, 1, sizeof(*key));
        *key = (struct scn_node){.kind = SCN_SCALAR, .text = "flink", .place = place};
        put(walk, root, key, empty_mapping(walk, place));
        entry = scn_node_find(root, "flink");
    }
    struct scn_node *flink = entry->value;
    struct scn_node *key = take_key(walk, walk->end - walk->at);
    const struct scn_key *known = scn_schema_find(SCN_FLINK, key->text);
    for (struct scn_entry *old = flink->first; old; old = old->next) {
        bool is_same = known && known->name[strlen(known->name) - 1] != '*' &&
                       scn_schema_find(SCN_FLINK, old->key->text) == known;
        if (is_same || strcmp(old->key->text, key->text) == 0) {
            old->key = key;
            old->value = walk->value;
            return true;
        }
    }
    scn_node_append(walk->arena, flink, key, walk->value);
    return true;
}

/* The path names a vertex that is not there: say so, with the nearest name or a few of them. */
static void report_vertex(struct walk *walk, const struct scn_node *vertices)
{
    size_t length = key_length(walk);
    char *word = sim_arena_strndup(walk->arena, walk->source->text + walk->at, length);
    const char **names = sim_arena_alloc(walk->arena, vertices->count, sizeof(*names));
    uint32_t count = 0;
    for (const struct scn_entry *entry = vertices->first; entry; entry = entry->next) {
        const struct scn_node *name = scn_node_get(entry->value, "name");
        if (name && name->kind == SCN_SCALAR) {
            names[count++] = name->text;
        }
    }
    int nearest = sim_text_nearest(word, names, count);
    if (nearest >= 0 && strcmp(names[nearest], word) != 0) {
        scn_error(walk->list, walk_place(walk, walk->at, length),
                  "there is no vertex '%s', did you mean '%s'?", word, names[nearest]);
    } else {
        struct sim_text text = {0};
        for (uint32_t i = 0; i < count && i < MAX_NAMES_SHOWN; i++) {
            sim_text_add(&text, "%s%s", i == 0 ? "" : ", ", names[i]);
        }
        scn_error(walk->list, walk_place(walk, walk->at, length),
                  "expected job.vertices.NAME.KEY with the name of a vertex: %s%s",
                  sim_text_get(&text), count > MAX_NAMES_SHOWN ? ", ..." : "");
        sim_text_finish(&text);
    }
}

/* The vertex whose name the path goes on with; the longest one, since names may have dots. */
static struct scn_node *take_vertex(struct walk *walk, const struct scn_node *vertices)
{
    const char *rest = walk->source->text + walk->at;
    size_t length = walk->end - walk->at;
    struct scn_node *found = NULL;
    size_t longest = 0;
    for (const struct scn_entry *entry = vertices->first; entry; entry = entry->next) {
        const struct scn_node *name = scn_node_get(entry->value, "name");
        size_t size = name && name->kind == SCN_SCALAR ? strlen(name->text) : 0;
        if (size > longest && size < length && strncmp(rest, name->text, size) == 0 &&
            rest[size] == '.') {
            found = entry->value;
            longest = size;
        }
    }
    if (!found) {
        report_vertex(walk, vertices);
        return NULL;
    }
    take_key(walk, longest);
    return found;
}

/* `[N]` and the entry that it means. */
static struct scn_node *take_index(struct walk *walk, const struct scn_node *list_node)
{
    const char *rest = walk->source->text + walk->at;
    char *end = NULL;
    unsigned long index = rest[1] >= '0' && rest[1] <= '9' ? strtoul(rest + 1, &end, 10) : 0;
    if (!end || *end != ']') {
        scn_error(walk->list, walk_place(walk, walk->at, 1), "expected [N], a number from 0");
        return NULL;
    }
    if (index >= list_node->count) {
        scn_error(walk->list, walk_place(walk, walk->at, (size_t)(end - rest) + 1),
                  "there is no entry %lu: the list has %u, counted from 0", index,
                  list_node->count);
        return NULL;
    }
    walk->at += (size_t)(end - rest) + 1;
    walk->at += walk->at < walk->end && walk->source->text[walk->at] == '.';
    const struct scn_entry *entry = list_node->first;
    while (index-- > 0) {
        entry = entry->next;
    }
    return entry->value;
}

/* Go one key down; a mapping that is not there is made, and what is no mapping gives way. */
static struct scn_node *step(struct walk *walk, struct scn_node *node, struct scn_node *key)
{
    struct scn_node *next = scn_node_get(node, key->text);
    if (!next || next->kind == SCN_SCALAR) {
        next = empty_mapping(walk, key->place);
        put(walk, node, key, next);
    }
    return next;
}

static bool set_path(struct walk *walk, struct scn_node *root)
{
    struct scn_node *node = root;
    while (true) {
        size_t length = key_length(walk);
        if (node->kind == SCN_SEQUENCE || length == 0) {
            scn_error(walk->list, walk_place(walk, walk->at, length),
                      node->kind == SCN_SEQUENCE ? "a list needs [N], the number of an entry from 0"
                                                 : "a key is missing in the path");
            return false;
        }
        struct scn_node *key = take_key(walk, length);
        if (walk->at == walk->end) {
            put(walk, node, key, walk->value);
            return true;
        }
        bool is_indexed = walk->source->text[walk->at] == '[';
        const struct scn_node *list = scn_node_get(node, key->text);
        if (is_indexed && (!list || list->kind != SCN_SEQUENCE)) {
            scn_error(walk->list, key->place, "there is no list '%s' in the scenario", key->text);
            return false;
        }
        node = step(walk, node, key);
        if (strcmp(key->text, "vertices") == 0 && node->kind == SCN_SEQUENCE && !is_indexed) {
            node = take_vertex(walk, node);
        } else if (is_indexed) {
            node = take_index(walk, node);
        }
        if (!node) {
            return false;
        }
        if (node->kind != SCN_MAPPING || walk->at == walk->end) {
            scn_error(walk->list, walk_place(walk, walk->at, 1),
                      "the path must end with a key that can be set");
            return false;
        }
    }
}

bool scn_override_apply(struct sim_arena *arena, struct scn_node *root, const char *option,
                        const char *text, struct scn_diagnostics *list)
{
    struct sim_text label = {0};
    sim_text_add(&label, "%s %s", option, text);
    struct scn_source *source = sim_arena_alloc(arena, 1, sizeof(*source));
    source->text = sim_arena_strdup(arena, sim_text_get(&label));
    source->label = source->text;
    source->length = label.length;
    source->is_override = true;
    sim_text_finish(&label);
    struct walk walk = {arena, list, source, strlen(option) + 1, 0, NULL};
    if (!scn_text_is_clean(source, walk.at, list)) {
        return false;
    }
    const char *equals = strchr(source->text + walk.at, '=');
    if (!equals) {
        scn_error(list, walk_place(&walk, walk.at, source->length - walk.at),
                  "expected PATH=VALUE, such as run.duration=30s");
        return false;
    }
    walk.end = (size_t)(equals - source->text);
    walk.value = scn_tree_parse(source, walk.end + 1, list);
    if (!walk.value) {
        return false;
    }
    if (walk.value->place.length == 0) { /* no text at all is no mapping */
        walk.value->kind = SCN_SCALAR;
    }
    if (root->kind != SCN_MAPPING) {
        return false;
    }
    const char *flink = "flink.";
    if (walk.end - walk.at > strlen(flink) &&
        strncmp(source->text + walk.at, flink, strlen(flink)) == 0) {
        walk.at += strlen(flink);
        return set_flink(&walk, root);
    }
    return set_path(&walk, root);
}
