/* How much to extract: what Hanse.Core.Decisions answers to an ExtractionQuestion, bit for bit.
 *
 * The question and its answer are canonical CBOR, as in a machine's journal: [wanted, room, bias, margin], masses in grams
 * and shares in parts per million; [target]. Canonical means: heads in their fewest bytes, nothing left over. Bytes that are
 * no such question have the empty answer, since a decision that is in a journal has one whatever was asked.
 * ABI: hanse:skill/1, docs/protocol/skills.md.
 */
#include <stdint.h>

typedef __int128 wide;

enum { MILLION = 1000000, SHARE_MAX = 500000 };

static const int64_t GRAMS_MAX = 1000000000000000;

static uint8_t room[32768];
static uint8_t answer[16];

struct reader {
    const uint8_t *at, *end;
    int failed;
};

__attribute__((export_name("hanse_skill_abi"))) int32_t abi(void) { return 1; }

__attribute__((export_name("hanse_input"))) void *input(uint32_t length) {
    return length <= sizeof room ? room : 0;
}

/* A whole number within bounds, in its shortest form. */
static int64_t number(struct reader *from, int64_t least, int64_t most) {
    if (from->failed || from->at == from->end || *from->at >> 5 > 1) {
        from->failed = 1;
        return least;
    }
    int is_negative = *from->at >> 5;
    uint32_t info = *from->at++ & 31;
    uint64_t argument = info;
    if (info >= 24) {
        uint32_t width = 1u << (info - 24 & 7);
        if (info > 27 || (uint32_t)(from->end - from->at) < width) {
            from->failed = 1;
            return least;
        }
        argument = 0;
        for (uint32_t i = 0; i < width; i++)
            argument = argument << 8 | *from->at++;
        if (argument < (info == 24 ? 24 : (uint64_t)1 << width * 4)) {
            from->failed = 1;
            return least;
        }
    }
    if (argument > INT64_MAX) {
        from->failed = 1;
        return least;
    }
    int64_t read = is_negative ? -1 - (int64_t)argument : (int64_t)argument;
    if (read < least || read > most) {
        from->failed = 1;
        return least;
    }
    return read;
}

static uint32_t write(uint64_t value) {
    uint32_t width = value < 24 ? 0 : value <= 0xff ? 1 : value <= 0xffff ? 2 : value <= 0xffffffff ? 4 : 8;
    answer[0] = 0x81;
    answer[1] = width == 0 ? (uint8_t)value : width == 1 ? 24 : width == 2 ? 25 : width == 4 ? 26 : 27;
    for (uint32_t i = 0; i < width; i++)
        answer[2 + i] = (uint8_t)(value >> 8 * (width - 1 - i));
    return 2 + width;
}

__attribute__((export_name("decide"))) int64_t decide(const uint8_t *question, uint32_t length) {
    struct reader from = { question, question + length, 0 };
    int64_t at = (int64_t)(uintptr_t)answer << 32;
    if (length == 0 || *from.at++ != 0x84)
        return at;
    int64_t wanted = number(&from, 0, GRAMS_MAX);
    int64_t aboard = number(&from, 0, GRAMS_MAX);
    int64_t bias = number(&from, -SHARE_MAX, SHARE_MAX);
    int64_t margin = number(&from, 0, SHARE_MAX);
    if (from.failed || from.at != from.end)
        return at;
    wide loaded = (wide)wanted * (MILLION + margin) / MILLION;
    loaded = loaded < aboard ? loaded : aboard;
    return at | write((uint64_t)(loaded * (MILLION + bias) / MILLION));
}

__attribute__((export_name("selfcheck"))) int32_t selfcheck(void) {
    /* [1000, 2000, 0, 20000]: the answer is [1020]. */
    static const uint8_t known[] = { 0x84, 0x19, 0x03, 0xe8, 0x19, 0x07, 0xd0, 0x00, 0x19, 0x4e, 0x20 };
    return (int32_t)decide(known, sizeof known) == 4 && answer[1] == 0x19 && answer[2] == 0x03 && answer[3] == 0xfc
        ? 0 : 1;
}
