-- Sixteen empty tables to LOCK before the snapshot: the queues for accounts that were contended lately (ledger/lanes.py).
CREATE TABLE ledger_lane_0 ();
CREATE TABLE ledger_lane_1 ();
CREATE TABLE ledger_lane_2 ();
CREATE TABLE ledger_lane_3 ();
CREATE TABLE ledger_lane_4 ();
CREATE TABLE ledger_lane_5 ();
CREATE TABLE ledger_lane_6 ();
CREATE TABLE ledger_lane_7 ();
CREATE TABLE ledger_lane_8 ();
CREATE TABLE ledger_lane_9 ();
CREATE TABLE ledger_lane_10 ();
CREATE TABLE ledger_lane_11 ();
CREATE TABLE ledger_lane_12 ();
CREATE TABLE ledger_lane_13 ();
CREATE TABLE ledger_lane_14 ();
CREATE TABLE ledger_lane_15 ();
