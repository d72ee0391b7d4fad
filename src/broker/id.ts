/** Whether there may be a job with this id: what is no UUID, the database would refuse with words of its own. */
export const isId = (id: unknown): id is string =>
  typeof id === 'string' && /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id);
