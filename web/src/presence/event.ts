/** Sent to the window by the one listener of the event stream: somebody came, went or does something else at a record. */
export const PRESENCE_EVENT = 'huike:presence';
