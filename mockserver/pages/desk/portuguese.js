export const PORTUGUESE = {};
