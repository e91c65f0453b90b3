/*
 * estimate - a number that noise is in, and how much of it.
 */
#ifndef TAMIS_PRIVACY_ESTIMATE_H
#define TAMIS_PRIVACY_ESTIMATE_H

struct estimate {
	double value;	 /* unbiased, may be negative */
	double variance; /* of the responses and of the noise together */
};

#endif
