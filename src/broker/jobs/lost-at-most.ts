/** How often a job is begun again whose machine was lost with it, one after the other. */
export const LOST_AT_MOST = 3;
