#include "config.h"

#include "stub/answers.h"

bool
answers_find(const struct answers *answers, const struct args *args,
    uint8_t resp, struct bytes *reply, struct stub_outcome *outcome)
{
	(void)answers;
	(void)args;
	(void)resp;
	(void)reply;
	(void)outcome;
	return (false);
}
