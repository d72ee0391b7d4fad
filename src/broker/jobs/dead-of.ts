/** Where the jobs of a queue go that have failed for good. */
export const deadOf = (queue: string): string => `${queue}.dead`;
