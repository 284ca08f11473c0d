/*
 * Text that libfyaml may see. libfyaml 0.7.12 hangs on some broken directives (such as the bytes 25
 * 00 00 b6 b6 ff), so whatever is no plain text is refused before.
 */
#include "scenarios/reader/tree.h"

/* The length of the UTF-8 character at `text`, or 0 when there is none. */
static size_t utf8_length(const unsigned char *text, size_t length)
{
    static const unsigned int least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char head = text[0];
    size_t need = head < 0x80 ? 1 : head < 0xC2 ? 0 : head < 0xE0 ? 2 : head < 0xF0 ? 3 : 4;
    if (head > 0xF4 || need == 0 || need > length) {
        return 0;
    }
    if (need == 1) {
        return 1;
    }
    unsigned int code = head & (0xFFu >> (need + 1));
    for (size_t i = 1; i < need; i++) {
        if ((text[i] & 0xC0) != 0x80) {
            return 0;
        }
        code = code << 6 | (text[i] & 0x3Fu);
    }
    bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
    return code < least[need] || code > 0x10FFFF || is_surrogate ? 0 : need;
}

/* Controls, and the line breaks and marks of Unicode that only some programs honour. */
static bool is_forbidden(const unsigned char *text, size_t length)
{
    if (length == 1) {
        return (text[0] < 0x20 && text[0] != '\t' && text[0] != '\n' && text[0] != '\r') ||
               text[0] == 0x7F;
    }
    bool is_c1 = length == 2 && text[0] == 0xC2 && text[1] < 0xA0;
    bool is_separator =
        length == 3 && text[0] == 0xE2 && text[1] == 0x80 && (text[2] == 0xA8 || text[2] == 0xA9);
    bool is_mark = length == 3 && ((text[0] == 0xEF && text[1] == 0xBB && text[2] == 0xBF) ||
                                   (text[0] == 0xEF && text[1] == 0xBF && text[2] >= 0xBE));
    return is_c1 || is_separator || is_mark;
}

bool scn_value_is_clean(const char *value, size_t length)
{
    const unsigned char *text = (const unsigned char *)value;
    for (size_t i = 0, step; i < length; i += step) {
        step = utf8_length(text + i, length - i);
        if (step == 0 || is_forbidden(text + i, step)) {
            return false;
        }
    }
    return true;
}

bool scn_text_is_clean(const struct scn_source *source, size_t offset, struct scn_diagnostics *list)
{
    const unsigned char *text = (const unsigned char *)source->text;
    struct scn_place place = {source, 1, offset, 1};
    if (source->length - offset > SCN_MAX_TEXT) {
        place.line = 0;
        scn_error(list, place, "the text has %zu bytes, the limit is %u", source->length - offset,
                  SCN_MAX_TEXT);
        return false;
    }
    bool is_line_start = true;
    for (size_t i = offset, step; i < source->length; i += step) {
        place.offset = i;
        step = utf8_length(text + i, source->length - i);
        if (step == 0) {
            scn_error(list, place,
                      "byte 0x%02X is not UTF-8 text; a scenario is a YAML file in UTF-8", text[i]);
            return false;
        }
        place.length = step;
        bool is_lone_return = text[i] == '\r' && (i + 1 == source->length || text[i + 1] != '\n');
        if (step == 3 && text[i] == 0xEF && text[i + 1] == 0xBB && text[i + 2] == 0xBF) {
            scn_error(list, place, "byte order mark; save the file as UTF-8 without one");
            return false;
        }
        if (is_forbidden(text + i, step) || is_lone_return) {
            scn_error(list, place, "control character 0x%02X; a scenario is a plain text file",
                      text[i]);
            return false;
        }
        if (is_line_start && text[i] == '%') {
            scn_error(list, place,
                      "a line must not begin with '%%': YAML directives are not supported");
            return false;
        }
        is_line_start = text[i] == '\n' || text[i] == '\r';
        place.line += text[i] == '\n';
    }
    return true;
}
