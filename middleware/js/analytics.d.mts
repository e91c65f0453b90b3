/** Counts for releases with differential privacy; see docs/dp.md. */

export interface Dimension {
	readonly name: string;
	/** The registry's list; the last value is "__other__". */
	readonly values: readonly string[];
	/** Finer values are cut to one of the list's kind. */
	readonly coarsen?: "us_states";
}

/** What the registry says of a metric, as `tamis registry client` writes it. */
export interface Metric {
	readonly domainVersion: number;
	/** At most so many cells, and so many increments in each, count a day. */
	readonly cells: number;
	readonly each: number;
	/** Of a randomised answer, in millionths; 0: answers are sent as they are. */
	readonly clientEpsilonMicro: number;
	/** One answer for each dimension, each with its part of epsilon. */
	readonly split: boolean;
	readonly dimensions: readonly Dimension[];
}

export interface Budget {
	/** Increments that this device has sent today. */
	readonly used: number;
	readonly allowed: number;
	/** What the randomised answers of today have told, at most. */
	readonly epsilon: number;
}

export interface Analytics {
	configure(options: {
		/** Default "/api/analytics/increment". */
		endpoint?: string;
		/** Sent at a random moment within so many milliseconds; default 10000. */
		jitterMs?: number;
	}): void;
	declare(metrics: Readonly<Record<string, Metric>>): void;
	/**
	 * Count once. false: not sent, since the visitor asks not to be tracked or the day's
	 * budget is used up. Throws TypeError for a metric or dimensions that are not declared.
	 */
	increment(metric: string, dimensions?: Readonly<Record<string, string>>): boolean;
	budget(): Record<string, Budget>;
	/** Send what waits, now; never rejects. */
	flush(): Promise<void>;
}

export declare const analytics: Analytics;

/** k-ary randomised response: the index to report instead of `truth`, of k values. */
export declare function respond(truth: number, k: number, epsilonMicro: number): number;
