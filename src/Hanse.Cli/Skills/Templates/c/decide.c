/* @NAME@: is there enough?
 *
 * The question: two whole numbers of 64 bits, lowest byte first: what there is, and what is wanted.
 * The answer: one such number, 1 when there is enough, else 0. It abstains when asked anything else.
 */
#include <stdint.h>

/* Where the host puts the question, and where the answer is. Every run begins in a fresh memory. */
static int64_t room[64];

__attribute__((export_name("hanse_skill_abi"))) int32_t abi(void) { return 1; }

/* The host asks where to put so many bytes; 0 says that there is no room for them. */
__attribute__((export_name("hanse_input"))) void *input(uint32_t length) {
    return length <= sizeof room ? room : 0;
}

/* The answer's place in the upper half and its length in the lower one; a negative number abstains. */
__attribute__((export_name("decide"))) int64_t decide(const int64_t *question, uint32_t length) {
    if (length != 2 * sizeof *question)
        return -1;
    room[0] = question[0] >= question[1] ? 1 : 0;
    return (int64_t)(uintptr_t)room << 32 | sizeof room[0];
}

/* 0 when all is in order: a host asks before it relies on a skill. */
__attribute__((export_name("selfcheck"))) int32_t selfcheck(void) {
    static const int64_t known[2] = { 3, 2 };
    return decide(known, sizeof known) > 0 && room[0] == 1 ? 0 : 1;
}
