-- Charges in PostgreSQL as one would write them first: accounts with a balance, transfers under a key of the client, a function for each charge and one for many.
CREATE TABLE account (id bigint PRIMARY KEY, balance bigint NOT NULL, paying boolean NOT NULL, CHECK (NOT paying OR balance >= 0)) WITH (fillfactor = 40);
CREATE TABLE transfer (
  id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, key text NOT NULL UNIQUE, debit bigint NOT NULL, credit bigint NOT NULL, amount bigint NOT NULL,
  at timestamptz NOT NULL DEFAULT now());
INSERT INTO account SELECT n, 1000000000000, true FROM generate_series(1, 10000) AS n;
INSERT INTO account SELECT n, 0, false FROM generate_series(10001, 20000) AS n;

CREATE FUNCTION charge(wanted text, payer bigint, earner bigint, price bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO transfer (key, debit, credit, amount) VALUES (wanted, payer, earner, price) ON CONFLICT (key) DO NOTHING;
  IF NOT FOUND THEN RETURN; END IF;
  UPDATE account SET balance = balance - price WHERE id = payer AND balance >= price;
  IF NOT FOUND THEN RAISE EXCEPTION 'not enough'; END IF;
  UPDATE account SET balance = balance + price WHERE id = earner;
END $$;

CREATE FUNCTION charge_many(prefix text, payer bigint, number int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE total bigint;
BEGIN
  WITH made AS (
    INSERT INTO transfer (key, debit, credit, amount)
    SELECT prefix || n, payer, 10001 + n % 10000, 1 + n % 7 FROM generate_series(1, number) AS n ON CONFLICT (key) DO NOTHING RETURNING credit, amount),
  earned AS (SELECT credit, sum(amount) AS amount FROM made GROUP BY credit),
  paid AS (UPDATE account SET balance = balance + earned.amount FROM earned WHERE account.id = earned.credit)
  SELECT coalesce(sum(amount), 0) INTO total FROM made;
  UPDATE account SET balance = balance - total WHERE id = payer AND balance >= total;
  IF NOT FOUND THEN RAISE EXCEPTION 'not enough'; END IF;
END $$;
